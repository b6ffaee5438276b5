import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { EmbedWireFormat } from '@sluice/llm/formats/embed-wire-format';
import { GEMINI_EMBEDDINGS } from '@sluice/llm/formats/gemini/embeddings';
import { OPENAI_EMBEDDINGS } from '@sluice/llm/formats/openai-embeddings/openai-embeddings';
import type { ClientFormatName } from '@sluice/llm/formats/format-name';
import type { WireFormat } from '@sluice/llm/formats/wire-format';

/** Embeddings go the way of conversations: limits, attempts, settlement. What only conversations have is empty here. */
function asWireFormat(embed: EmbedWireFormat, name: ClientFormatName): WireFormat {
  const none = { output: '', reasoning: '' };
  const readRequest: WireFormat['readRequest'] = (body, path) => ({
    ...embed.readRequest(body, path ?? null),
    stream: false,
    wantsStreamUsage: false,
    choices: 1,
    // A vector is no text: nothing is held or billed for the answer.
    maxOutputTokens: 1,
    mediaTokens: 0,
  });
  const noStream = (): never => {
    throw new GatewayError('bad_request', { message: 'Embeddings are not streamed.' });
  };
  return {
    name,
    codec: null,
    embed,
    readRequest,
    readCountRequest: readRequest,
    encodeTokenCount: (tokens) => JSON.stringify({ total_tokens: tokens }),
    readConversation: () => null,
    prepareBody: (body, facts, { model }) => embed.prepareBody(body, facts, model),
    createStreamTap: noStream,
    readBody: (body) => ({ usage: embed.readUsage(body), delivered: none }),
    countRequest: embed.countRequest,
    countText: () => Promise.resolve(0),
    encodeStreamError: noStream,
    decodeErrorMessage: embed.decodeErrorMessage,
    ping: Buffer.alloc(0),
    endMarker: Buffer.alloc(0),
  };
}

export const GEMINI_EMBEDDINGS_RELAYED = asWireFormat(GEMINI_EMBEDDINGS, 'gemini-embeddings');
export const OPENAI_EMBEDDINGS_RELAYED = asWireFormat(OPENAI_EMBEDDINGS, 'openai-embeddings');
