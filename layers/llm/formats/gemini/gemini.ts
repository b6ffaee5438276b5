import { countText } from '../openai-chat/count-tokens.ts';
import type { BodyFacts, WireFormat } from '../wire-format.ts';
import { GEMINI_CODEC } from './codec.ts';
import { countRequest, encodeTokenCount } from './count-tokens.ts';
import { decodeErrorMessage, encodeStreamError } from './errors.ts';
import { prepareBody, readConversation, readCountRequest, readRequest } from './request.ts';
import { createChunkFacts, createStreamTap, deliveredOf, noteChunk, usageOf } from './stream-tap.ts';

/** Gemini's generateContent family, passed through as it is. */
export const GEMINI: WireFormat = {
  name: 'gemini',
  codec: GEMINI_CODEC,
  readRequest,
  readCountRequest,
  encodeTokenCount,
  readConversation,
  prepareBody,
  createStreamTap,
  readBody,
  countRequest,
  countText,
  encodeStreamError,
  decodeErrorMessage,
  ping: Buffer.from(': ping\n\n'),
  // The stream ends where the connection does.
  endMarker: Buffer.alloc(0),
};

function readBody(body: Buffer): BodyFacts {
  const facts = createChunkFacts();
  try {
    noteChunk(facts, JSON.parse(body.toString()));
  } catch {
    // Cut off: what there is of it cannot be read.
  }
  return { usage: usageOf(facts), delivered: deliveredOf(facts) };
}
