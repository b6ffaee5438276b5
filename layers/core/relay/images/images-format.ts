import { decodeErrorMessage } from '@sluice/llm/formats/openai-chat/errors';
import { countText } from '@sluice/llm/formats/openai-chat/count-tokens';
import { encodeImageError } from '@sluice/llm/formats/openai-images/encode-answer';
import { decodeImageUsage } from '@sluice/llm/formats/openai-images/usage';
import type { ImageRequest } from '@sluice/llm/images/image';
import type { RequestFacts, WireFormat } from '@sluice/llm/formats/wire-format';
import type { Drawing } from './drawing.ts';
import { familyOf } from './images-drawing.ts';

/** What a picture that is sent along may count as, by the vendors' tables. */
const TOKENS_PER_INPUT = 1_500;

/** OpenAI's images as the relay sees a format; what is drawn goes its own way. @param drawing null: only errors are told */
export function createImagesFormat(operation: ImageRequest['operation'], drawing: Drawing | null): WireFormat {
  const none = (): never => {
    throw new Error('Pictures are not passed on as conversations are');
  };
  const readRequest = (): RequestFacts => factsOf((drawing ?? none()).read());
  return {
    name: 'openai-images',
    codec: null,
    readRequest,
    readCountRequest: none,
    encodeTokenCount: none,
    readConversation: () => null,
    prepareBody: none,
    createStreamTap: none,
    readBody: (body) => ({ usage: decodeImageUsage(parse(body)), delivered: { output: '', reasoning: '' } }),
    countRequest: () => countText(drawing?.read().prompt ?? ''),
    countText,
    encodeStreamError: (error) => encodeImageError(error, familyOf(operation)),
    decodeErrorMessage,
    ping: Buffer.from(': ping\n\n'),
    endMarker: Buffer.alloc(0),
  };
}

/** Of their paths: what is asked is read from a drawing of its own. */
export const IMAGES = createImagesFormat('generate', null);
export const IMAGE_EDITS = createImagesFormat('edit', null);

function parse(body: Buffer): unknown {
  try {
    return (JSON.parse(body.toString()) as { usage?: unknown }).usage;
  } catch {
    return null;
  }
}

function factsOf({ model, stream, n, prompt, images, mask }: ImageRequest): RequestFacts {
  return {
    model,
    stream,
    wantsStreamUsage: false,
    choices: n,
    maxOutputTokens: null,
    mediaTokens: (images.length + (mask === null ? 0 : 1)) * TOKENS_PER_INPUT,
    textBytes: Buffer.byteLength(prompt),
    scan: { members: [], start: 0, end: 0 },
  };
}
