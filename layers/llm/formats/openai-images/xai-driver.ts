import type { ImageCall, ImageCallBody, ImageDriver } from '../../images/driver.ts';
import type { ImageInput, ImageRequest } from '../../images/image.ts';
import { nearestRatio } from '../../images/size.ts';
import type { Json, JsonObject } from '../../neutral/json.ts';
import { leaveOutExtras } from '../policy.ts';
import { invalidField } from '../reading.ts';
import { decodeImageAnswer } from './decode-answer.ts';
import { dataUrlOf } from './openai-driver.ts';

/** xAI: ratios in place of sizes, edits in JSON, no streams. https://docs.x.ai/docs/guides/image-generations */
export const XAI_IMAGE_DRIVER: ImageDriver = {
  dialect: 'xai',
  mostPerCall: 10,
  blobKeys: ['b64_json'],
  encodeRequest,
  decodeAnswer: decodeImageAnswer,
};

const RATIOS = ['1:1', '3:4', '4:3', '9:16', '16:9', '2:3', '3:2', '9:19.5', '19.5:9', '9:20', '20:9', '1:2', '2:1'];
const UNKNOWN = ['quality', 'background', 'style', 'moderation', 'outputFormat', 'outputCompression'] as const;
const NAMES: Readonly<Record<string, string>> = {
  outputFormat: 'output_format',
  outputCompression: 'output_compression',
};

function encodeRequest(request: ImageRequest, call: ImageCall): ImageCallBody {
  const { extras, mask, images } = request;
  if (mask !== null)
    throw invalidField('mask', "This model's upstream takes no mask: say in the prompt what to change.");
  for (const name of UNKNOWN) if (request[name] !== null) call.warn('dropped', NAMES[name] ?? name);
  if (request.inputFidelity !== null) call.warn('dropped', 'input_fidelity');
  const isOwn = extras.format === 'openai-images';
  if (!isOwn) leaveOutExtras(extras, call.warn);
  const said: Record<string, Json> = {
    model: call.model,
    prompt: request.prompt,
    n: call.n,
    aspect_ratio: request.size === null ? null : nearestRatio(request.size.ratio, RATIOS),
    response_format: 'b64_json',
    user: request.endUser,
    ...(isOwn ? extras.members : {}),
    ...picturesOf(images),
  };
  const members = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null));
  return {
    operation: request.operation === 'edit' ? 'images-edit' : 'images-generate',
    contentType: 'application/json',
    body: Buffer.from(JSON.stringify(members)),
  };
}

function picturesOf(images: readonly ImageInput[]): JsonObject {
  const [first] = images;
  if (first === undefined) return {};
  return images.length === 1 ? { image: pictureOf(first) } : { images: images.map(pictureOf) };
}

function pictureOf({ source, path }: ImageInput): JsonObject {
  if (source.kind === 'file') throw invalidField(path, `'${path}' names a file of another vendor.`);
  const url = source.kind === 'url' ? source.url : dataUrlOf(source);
  return { url, type: 'image_url' };
}
