import { ANTHROPIC_MESSAGES_CODEC } from './anthropic-messages/codec.ts';
import { BEDROCK_CONVERSE_CODEC } from './bedrock-converse/codec.ts';
import type { UpstreamCodec } from './codec.ts';
import type { FormatName } from './format-name.ts';
import { GEMINI_CODEC } from './gemini/codec.ts';
import { OPENAI_CHAT_CODEC } from './openai-chat/codec.ts';
import { OPENAI_RESPONSES_CODEC } from './openai-responses/codec.ts';

/** The languages that upstreams speak. */
const CODECS: Readonly<Record<FormatName, UpstreamCodec>> = {
  'openai-chat': OPENAI_CHAT_CODEC,
  'openai-responses': OPENAI_RESPONSES_CODEC,
  'anthropic-messages': ANTHROPIC_MESSAGES_CODEC,
  gemini: GEMINI_CODEC,
  'bedrock-converse': BEDROCK_CONVERSE_CODEC,
};

export function codecOf(format: FormatName): UpstreamCodec {
  return CODECS[format];
}
