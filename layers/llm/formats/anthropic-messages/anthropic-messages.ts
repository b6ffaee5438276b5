import type { WireFormat } from '../wire-format.ts';
import { ANTHROPIC_MESSAGES_CODEC } from './codec.ts';
import { readConversation } from './conversation.ts';
import { countRequest, countText } from './count-tokens.ts';
import { MESSAGE_STOP } from './encode-stream.ts';
import { decodeErrorMessage, encodeStreamError } from './errors.ts';
import { readBody } from './read-body.ts';
import { prepareBody, readCountRequest, readRequest } from './request.ts';
import { createStreamTap } from './stream-tap.ts';

/** Anthropic's messages: passed through as they are, or on their way into other languages. */
export const ANTHROPIC_MESSAGES: WireFormat = {
  name: 'anthropic-messages',
  codec: ANTHROPIC_MESSAGES_CODEC,
  readRequest,
  readCountRequest,
  encodeTokenCount: (tokens) => JSON.stringify({ input_tokens: tokens }),
  readConversation,
  prepareBody,
  createStreamTap,
  readBody,
  countRequest,
  countText,
  encodeStreamError,
  decodeErrorMessage,
  ping: Buffer.from('event: ping\ndata: {"type":"ping"}\n\n'),
  endMarker: Buffer.from(MESSAGE_STOP),
};
