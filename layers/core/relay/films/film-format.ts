import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { scanObject } from '@sluice/kit/json/members';
import { OPENAI_CHAT } from '@sluice/llm/formats/openai-chat/openai-chat';
import type { WireFormat } from '@sluice/llm/formats/wire-format';
import type { VideoRequest } from '@sluice/llm/videos/video';

/** What the relay is told of a request for a film, in place of what the client sent. */
interface FilmBody {
  model: string;
  prompt: string;
  seconds: number;
}

/**
 * The body that is admitted: what is asked for may have come as a form or with a picture, whose bytes are no input that
 * is held or billed.
 * @param seconds what the dearest of the candidates will make of the request
 */
export function writeFilmBody({ model, prompt }: VideoRequest, seconds: number): Buffer {
  return Buffer.from(JSON.stringify({ model, prompt, seconds } satisfies FilmBody));
}

const readRequest: WireFormat['readRequest'] = (body) => {
  const { model, seconds } = JSON.parse(body.toString()) as FilmBody;
  return {
    model,
    stream: false,
    wantsStreamUsage: false,
    choices: 1,
    // A film is no text: nothing is held or billed for words.
    maxOutputTokens: 1,
    mediaTokens: 0,
    videoSeconds: seconds,
    scan: scanObject(body),
  };
};

const noStream = (): never => {
  throw new GatewayError('bad_request', { message: 'Films are not streamed.' });
};

/** Films go the way of conversations: limits, attempts, settlement. What only conversations have is empty here. */
export const OPENAI_VIDEOS_RELAYED: WireFormat = {
  name: 'openai-videos',
  codec: null,
  readRequest,
  readCountRequest: readRequest,
  encodeTokenCount: (tokens) => JSON.stringify({ total_tokens: tokens }),
  readConversation: () => null,
  prepareBody: (body) => body,
  createStreamTap: noStream,
  readBody: () => ({ usage: null, delivered: { output: '', reasoning: '' } }),
  countRequest: () => Promise.resolve(0),
  countText: () => Promise.resolve(0),
  encodeStreamError: noStream,
  decodeErrorMessage: OPENAI_CHAT.decodeErrorMessage,
  ping: Buffer.alloc(0),
  endMarker: Buffer.alloc(0),
};
