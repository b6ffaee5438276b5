import type { EmbedCodec } from './embed-codec.ts';
import type { UpstreamFormatName } from './format-name.ts';
import { GEMINI_EMBED_CODEC } from './gemini/embed-codec.ts';
import { OPENAI_EMBEDDINGS_CODEC } from './openai-embeddings/codec.ts';

/** How upstreams of a format are asked for embeddings; null where they make none. */
export function embedCodecOf(format: UpstreamFormatName): EmbedCodec | null {
  return EMBED_CODECS[format] ?? null;
}

const EMBED_CODECS: Partial<Record<UpstreamFormatName, EmbedCodec>> = {
  'openai-chat': OPENAI_EMBEDDINGS_CODEC,
  'openai-responses': OPENAI_EMBEDDINGS_CODEC,
  gemini: GEMINI_EMBED_CODEC,
};
