import { eventsOf } from './formats.ts';

/** What a client of each language sends and reads: by hand, as its SDK does it. */
export interface VendorClient {
  path(stream: boolean): string;
  headers: Record<string, string>;
  body(stream: boolean): object;
  /** The text of a whole answer. */
  textOf(json: any): string; // oxlint-disable-line typescript/no-explicit-any -- answers are looked into freely
  /** What a stream told. */
  read(body: string): StreamTold;
  /** Code or type of a whole error. */
  errorOf(json: any): { status?: number; type: string; message: string }; // oxlint-disable-line typescript/no-explicit-any -- as above
}

export interface StreamTold {
  text: string;
  /** The end marker came, or what the SDK takes for one. */
  ended: boolean;
  /** How many ends: more than one is none. */
  ends: number;
  error: string | null;
}

const words = [{ role: 'user', content: 'Say something.' }];

function told(parts: { text?: unknown; end?: boolean; error?: unknown }[]): StreamTold {
  const ends = parts.filter(({ end }) => end).length;
  const error = parts.map((part) => part.error).find((value) => value !== undefined && value !== null);
  return {
    text: parts.map(({ text }) => (typeof text === 'string' ? text : '')).join(''),
    ended: ends > 0,
    ends,
    error: error === undefined ? null : String(error),
  };
}

type Loose = any; // oxlint-disable-line typescript/no-explicit-any -- as above

const CHAT: VendorClient = {
  path: () => '/v1/chat/completions',
  headers: {},
  body: (stream) => ({
    model: 'public',
    messages: words,
    stream,
    ...(stream && { stream_options: { include_usage: true } }),
  }),
  textOf: (json) => json.choices[0].message.content,
  read: (body) =>
    told(
      eventsOf(body).map(({ data }) => {
        if (data === '[DONE]') return { end: true };
        const chunk = JSON.parse(data) as Loose;
        return { text: chunk.choices?.[0]?.delta?.content, error: chunk.error?.message };
      }),
    ),
  errorOf: ({ error }) => ({ type: error.code, message: error.message }),
};

const RESPONSES: VendorClient = {
  path: () => '/v1/responses',
  headers: {},
  body: (stream) => ({ model: 'public', input: 'Say something.', stream, store: false }),
  textOf: (json) => json.output.find(({ type }: Loose) => type === 'message').content[0].text,
  read: (body) =>
    told(
      eventsOf(body).map(({ event, data }) => {
        const parsed = JSON.parse(data) as Loose;
        if (event !== parsed.type) throw new Error(`${event} is no name of ${parsed.type}`);
        return {
          text: event === 'response.output_text.delta' ? parsed.delta : undefined,
          end: event === 'response.completed' || event === 'response.incomplete',
          error: event === 'error' ? parsed.message : undefined,
        };
      }),
    ),
  errorOf: CHAT.errorOf,
};

const ANTHROPIC: VendorClient = {
  path: () => '/v1/messages',
  headers: { 'anthropic-version': '2023-06-01' },
  body: (stream) => ({ model: 'public', max_tokens: 100, messages: words, stream }),
  textOf: (json) => json.content.find(({ type }: Loose) => type === 'text').text,
  read: (body) =>
    told(
      eventsOf(body).map(({ event, data }) => {
        const parsed = JSON.parse(data) as Loose;
        return {
          text: parsed.delta?.text,
          end: event === 'message_stop',
          error: event === 'error' ? parsed.error.message : undefined,
        };
      }),
    ),
  errorOf: ({ error }) => ({ type: error.type, message: error.message }),
};

const GEMINI_BODY = { contents: [{ role: 'user', parts: [{ text: 'Say something.' }] }] };

function geminiTold(chunks: readonly Loose[]): StreamTold {
  return told(
    chunks.map((chunk) => ({
      text: chunk.candidates?.[0]?.content?.parts?.map(({ text }: Loose) => text ?? '').join(''),
      end: chunk.candidates?.[0]?.finishReason !== undefined,
      error: chunk.error?.message,
    })),
  );
}

const GEMINI: VendorClient = {
  path: (stream) => `/v1beta/models/public:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  headers: {},
  body: () => GEMINI_BODY,
  textOf: (json) => json.candidates[0].content.parts.map(({ text }: Loose) => text).join(''),
  read: (body) => geminiTold(eventsOf(body).map(({ data }) => JSON.parse(data) as Loose)),
  errorOf: ({ error }) => ({ status: error.code, type: error.status, message: error.message }),
};

export const VENDOR_CLIENTS = {
  chat: CHAT,
  responses: RESPONSES,
  anthropic: ANTHROPIC,
  cc: { ...ANTHROPIC, path: () => '/cc/v1/messages' },
  gemini: GEMINI,
  /** Without `alt=sse`: one JSON array. */
  array: {
    ...GEMINI,
    path: (stream) => `/v1beta/models/public:${stream ? 'streamGenerateContent' : 'generateContent'}`,
    read: (body) => geminiTold(JSON.parse(body) as Loose[]),
  },
} as const satisfies Record<string, VendorClient>;

export type ClientName = keyof typeof VENDOR_CLIENTS;
