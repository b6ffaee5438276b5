import { skipValue } from '@sluice/kit/json/skip-value';
import type { BodyFacts, WireFormat } from '../wire-format.ts';
import { OPENAI_CHAT_CODEC } from './codec.ts';
import { readConversation } from './conversation.ts';
import { countRequest, countText } from './count-tokens.ts';
import { decodeErrorMessage, encodeStreamError } from './errors.ts';
import { createKeptText } from './kept-text.ts';
import { prepareBody, readRequest } from './request.ts';
import { createSkim, skim } from './skim.ts';
import { createStreamTap } from './stream-tap.ts';
import { decodeUsage } from './usage.ts';

/** OpenAI's chat completions, passed through as they are. */
export const OPENAI_CHAT: WireFormat = {
  name: 'openai-chat',
  codec: OPENAI_CHAT_CODEC,
  readRequest,
  // Nobody counts in this language; whoever asks is told as others would be.
  readCountRequest: readRequest,
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
  endMarker: Buffer.from('data: [DONE]\n\n'),
};

function readBody(body: Buffer): BodyFacts {
  const found = createSkim();
  const text = createKeptText();
  skim(body, 0, body.length, found, text);
  return {
    usage: found.usageAt < 0 ? null : decodeUsage(parseAt(body, found.usageAt)),
    get delivered() {
      return text.read();
    },
  };
}

function parseAt(body: Buffer, start: number): unknown {
  try {
    return JSON.parse(body.toString('utf8', start, skipValue(body, start)));
  } catch {
    return null;
  }
}
