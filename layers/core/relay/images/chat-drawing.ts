import { publicOriginOf } from '@sluice/kit/http/public-origin';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { createConvertedRequest, writeBody } from '@sluice/llm/convert/request';
import type { CarrierPort, Codec } from '@sluice/llm/formats/codec';
import { codecOf } from '@sluice/llm/formats/formats';
import { looseObject } from '@sluice/llm/formats/reading';
import type { RequestFacts } from '@sluice/llm/formats/wire-format';
import { imageRequestOf } from '@sluice/llm/images/from-conversation';
import type { ImageRequest } from '@sluice/llm/images/image';
import type { AssistantPart } from '@sluice/llm/neutral/parts';
import type { NeutralResponse } from '@sluice/llm/neutral/response';
import type { MediaStore } from '../../media/media-store.ts';
import type { Exchange } from '../exchange.ts';
import { createCall, createClient, encodeWhole } from '../language.ts';
import type { Plan } from '../route.ts';
import type { Drawing } from './drawing.ts';
import type { DrawnAnswer, DrawnImage } from './drawn.ts';
import { readBase64 } from './send-pieces.ts';

export interface ChatDrawingDeps {
  carriers: CarrierPort;
  media: MediaStore;
}

/** What a picture costs of its quota when it is asked for in a conversation. */
export const UNITS_PER_PICTURE = 2;
/** Formats with a place for a picture's bytes; others are given a link. */
const CARRY_BYTES: ReadonlySet<string> = new Set(['gemini', 'openai-responses']);

/** Whether a conversation goes to upstreams that draw, and in another way than it is led. */
export function isDrawnConversation({ format }: Exchange, { model, candidates }: Plan): boolean {
  if (format.codec === null || model.class !== 'image') return false;
  return candidates.every(
    (one) => one.format === 'openai-images' || (one.format === 'gemini' && format.name !== 'gemini'),
  );
}

/** A conversation with a model that draws: its answer is what was said and the pictures, as links to where they are kept. */
export function createChatDrawing(
  { carriers, media }: ChatDrawingDeps,
  { exchange, facts, codec }: { exchange: Exchange; facts: RequestFacts; codec: Codec },
): Drawing {
  const client = createClient(exchange, { facts, carriers });
  const converted = createConvertedRequest({ codec, body: exchange.request.body, client });
  const origin = publicOriginOf(exchange.request.headers) ?? '';
  const owner = exchange.caller?.user.id ?? '';
  let decoded: ImageRequest | null = null;

  const partOf = async (image: DrawnImage): Promise<AssistantPart> => {
    const { medium } = image;
    if (!CARRY_BYTES.has(codec.name)) {
      return { type: 'image', source: { kind: 'url', url: medium.url(origin), mediaType: medium.contentType } };
    }
    const mediaType = medium.contentType.startsWith('image/') ? medium.contentType : 'image/png';
    return { type: 'image', source: { kind: 'base64', mediaType, data: await readBase64({ media, owner }, image) } };
  };
  const read = (): ImageRequest => {
    decoded ??= imageRequestOf(converted.read());
    if (decoded.prompt !== '') return decoded;
    throw new GatewayError('missing_prompt', {
      message: 'There is no text that says what to draw.',
      param: 'messages',
    });
  };
  return {
    read,
    get units() {
      return read().n * UNITS_PER_PICTURE;
    },
    hasFixedUnits: true,
    stream: facts.stream,
    isSameAs: () => false,
    encodeFor(candidate, { warn }) {
      if (candidate.format !== 'gemini') return null;
      const call = createCall({ candidate, outputCap: null, warn });
      const body = converted.encodeFor(codecOf('gemini'), call);
      const config = looseObject(body['generationConfig']);
      body['generationConfig'] = { ...config, responseModalities: ['TEXT', 'IMAGE'], candidateCount: 1 };
      return { operation: 'generate', body: writeBody(body), contentType: 'application/json' };
    },
    async tellWhole(answer) {
      const response = await responseOf(answer, partOf);
      return [encodeWhole(response, { codec, client, stream: facts.stream })];
    },
  };
}

async function responseOf(
  { images, text, usage }: DrawnAnswer,
  partOf: (image: DrawnImage) => Promise<AssistantPart>,
): Promise<NeutralResponse> {
  const content: AssistantPart[] = text.trim() === '' ? [] : [{ type: 'text', text: text.trim() }];
  for (const image of images) {
    const part = await partOf(image);
    // Links that follow each other would be one line.
    if (content.length > 0 && part.type === 'image' && part.source.kind === 'url') {
      content.push({ type: 'text', text: '\n\n' });
    }
    content.push(part);
  }
  return {
    id: '',
    model: '',
    choices: [{ content, finish: { reason: 'stop', stopSequence: null } }],
    usage,
    serviceTier: null,
  };
}
