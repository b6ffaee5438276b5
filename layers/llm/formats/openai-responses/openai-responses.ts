import { readBody } from './read-body.ts';
import type { WireFormat } from '../wire-format.ts';
import { OPENAI_RESPONSES_CODEC } from './codec.ts';
import { readConversation } from './conversation.ts';
import { countRequest, countText } from './count-tokens.ts';
import { decodeErrorMessage, encodeStreamError } from './errors.ts';
import { prepareBody, readCountRequest, readRequest } from './request.ts';
import { createStreamTap } from './stream-tap.ts';

/** OpenAI's responses: passed through as they are, or on their way into other languages. */
export const OPENAI_RESPONSES: WireFormat = {
  name: 'openai-responses',
  codec: OPENAI_RESPONSES_CODEC,
  readRequest,
  readCountRequest,
  encodeTokenCount: (tokens) => JSON.stringify({ object: 'response.input_tokens', input_tokens: tokens }),
  readConversation,
  prepareBody,
  createStreamTap,
  readBody,
  countRequest,
  countText,
  encodeStreamError,
  decodeErrorMessage,
  ping: Buffer.from(': ping\n\n'),
  // The last event is the end; there is no marker behind it.
  endMarker: Buffer.alloc(0),
};
