import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { isJsonObject } from '../../neutral/json.ts';
import type { NeutralResponse } from '../../neutral/response.ts';
import type { StreamPart } from '../../neutral/stream.ts';
import type { ClientContext, Codec, StreamEncoder } from '../codec.ts';
import { OPENAI_CHAT_CODEC } from '../openai-chat/codec.ts';
import { OPENAI_CHAT } from '../openai-chat/openai-chat.ts';
import { inputTokens, NO_FIGURES, outputTokens, type UsageFigures } from '../usage-figures.ts';
import type { WireFormat } from '../wire-format.ts';

/** In which member of a request's `metadata` its session stands. */
export const SESSION_METADATA = 'sluice_session';

/**
 * The chat surface's answers: `{success, sessionId, response, usage}`, or unnamed events `text`, `done`, `error`. Its
 * requests become chat completions before they get here, with the session's id in the metadata.
 */
const CHAT_SESSION_CODEC: Codec = {
  ...OPENAI_CHAT_CODEC,
  name: 'chat-session',
  // The session is between the client and us.
  decodeRequest: (body, client) => ({ ...OPENAI_CHAT_CODEC.decodeRequest(body, client), metadata: null }),
  encodeResponse: (response, client) => ({
    success: true,
    sessionId: sessionOf(client),
    response: textOf(response),
    usage: encodeUsage(response.usage),
  }),
  createStreamEncoder,
};

export const CHAT_SESSION: WireFormat = {
  ...OPENAI_CHAT,
  name: 'chat-session',
  codec: CHAT_SESSION_CODEC,
  // Never passed through: no upstream speaks it.
  createStreamTap: () => {
    throw new GatewayError('internal_error', { message: 'A chat session is not passed through.' });
  },
  encodeStreamError: (error) => Buffer.from(encodeFailure(error)),
  endMarker: Buffer.alloc(0),
};

function sessionOf({ requestBody }: ClientContext): string {
  const metadata = requestBody?.['metadata'];
  return isJsonObject(metadata) ? String(metadata[SESSION_METADATA]) : '';
}

function textOf({ choices }: NeutralResponse): string {
  const parts = choices[0]?.content ?? [];
  return parts.map((part) => (part.type === 'text' || part.type === 'refusal' ? part.text : '')).join('');
}

function encodeUsage(usage: UsageFigures | null): { inputTokens: number; outputTokens: number; totalTokens: number } {
  const figures = usage ?? NO_FIGURES;
  return {
    inputTokens: inputTokens(figures),
    outputTokens: outputTokens(figures),
    totalTokens: inputTokens(figures) + outputTokens(figures),
  };
}

function encodeFailure({ message }: GatewayError): string {
  return `data: ${JSON.stringify({ type: 'error', error: message })}\n\ndata: [DONE]\n\n`;
}

function createStreamEncoder(client: ClientContext): StreamEncoder {
  const sessionId = sessionOf(client);
  const say = (event: object): string => `data: ${JSON.stringify(event)}\n\n`;
  return {
    push(part: StreamPart) {
      switch (part.type) {
        case 'text-delta':
        case 'refusal-delta':
          return say({ type: 'text', content: part.text, sessionId });
        case 'response-end':
          // EventSource comes back after every end, with the last id: by it a new turn is told from a return.
          return `id: ${client.requestId}\n${say({ type: 'done', sessionId, usage: encodeUsage(part.usage) })}data: [DONE]\n\n`;
        case 'failure':
          return encodeFailure(part.error);
        default:
          return '';
      }
    },
  };
}
