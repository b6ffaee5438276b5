import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { UsageFigures } from '@sluice/llm/formats/usage-figures';
import type { AnsweredImage, ImageAnswer } from '@sluice/llm/images/image';
import type { StoredMedium } from '../../media/media-store.ts';
import type { BlobKeeper } from './keep-blobs.ts';
import type { DrawnImage } from './drawn.ts';

/** What one upstream call has brought so far. */
export interface Harvest {
  images: DrawnImage[];
  text: string;
  usage: UsageFigures | null;
  created: number | null;
  settings: Readonly<Record<string, string>>;
  refusal: ImageAnswer['refusal'];
}

export function createHarvest(): Harvest {
  return { images: [], text: '', usage: null, created: null, settings: {}, refusal: null };
}

/** Where pictures of an answer are kept that are not in the body. */
export interface Barn {
  keeper: BlobKeeper;
  keep(bytes: Uint8Array): Promise<StoredMedium>;
  fetch(url: string): Promise<StoredMedium>;
  /** The first picture's place among all of the request. */
  firstIndex: number;
  /** No more pictures than this are told. */
  most: number;
}

/** Takes an answer's pictures in. @throws GatewayError when one of them cannot be kept */
export async function gather(harvest: Harvest, answer: ImageAnswer, barn: Barn): Promise<DrawnImage[]> {
  const gathered: DrawnImage[] = [];
  for (const image of answer.images) {
    if (harvest.images.length >= barn.most) break;
    const drawn = await keepImage(image, barn, barn.firstIndex + harvest.images.length);
    harvest.images.push(drawn);
    gathered.push(drawn);
  }
  if (answer.text !== undefined) harvest.text += answer.text;
  harvest.usage = answer.usage ?? harvest.usage;
  harvest.created = answer.created ?? harvest.created;
  harvest.settings = { ...harvest.settings, ...answer.settings };
  harvest.refusal = answer.refusal ?? harvest.refusal;
  return gathered;
}

async function keepImage({ source, revisedPrompt }: AnsweredImage, barn: Barn, index: number): Promise<DrawnImage> {
  if (source.kind === 'url') {
    const data = /^data:[^,]*;base64,/i.exec(source.url);
    if (data === null) return { index, revisedPrompt, bytes: null, medium: await barn.fetch(source.url) };
    const bytes = Buffer.from(source.url.slice(data[0].length), 'base64');
    return { index, revisedPrompt, bytes, medium: await barn.keep(bytes) };
  }
  const blob = barn.keeper.blobs.get(source.index);
  if (blob === undefined) throw missingPicture();
  const medium = await (blob.medium ?? barn.keep(blob.bytes ?? Buffer.alloc(0)));
  return { index, revisedPrompt, bytes: blob.bytes, medium };
}

function missingPicture(): GatewayError {
  return new GatewayError('upstream_error', { message: 'The upstream named a picture that was not in its answer.' });
}
