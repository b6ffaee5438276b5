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

/** What clients may speak: the same, OpenAI's legacy completions, which no upstream is asked in, and embeddings. */
export type ClientFormatName =
  | Exclude<FormatName, 'bedrock-converse'>
  | 'openai-completions'
  | 'chat-session'
  | 'openai-embeddings'
  | 'gemini-embeddings';
