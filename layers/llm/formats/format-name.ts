/** Wire languages, as the configuration names them. */
export const CONVERSATION_FORMATS = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'bedrock-converse',
] as const;

/** A format in which a conversation is led; any of them converts into any other. */
export type FormatName = (typeof CONVERSATION_FORMATS)[number];

/** What upstreams are said to speak: the same, and one in which pictures are drawn and nothing is said. */
export type UpstreamFormatName = FormatName | 'openai-images';

/** What clients may speak: the same, OpenAI's legacy completions, which no upstream is asked in, embeddings, pictures. */
export type ClientFormatName =
  | Exclude<FormatName, 'bedrock-converse'>
  | 'openai-completions'
  | 'chat-session'
  | 'openai-embeddings'
  | 'gemini-embeddings'
  | 'openai-images'
  | 'openai-videos';
