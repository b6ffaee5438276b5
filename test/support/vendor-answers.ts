import { encodeAwsFrame } from '@sluice/kit/stream/aws-event-stream';
import type { UsageFigures } from '@sluice/llm/formats/usage-figures';
import { chatBody, chatEvents, USAGE, type Step } from './fake-upstream.ts';
import { NO_FIGURES } from '@sluice/llm/formats/usage-figures';

/*
 * The same answer as each vendor writes it, by hand from its documentation and not by our own encoders:
 * https://platform.openai.com/docs/api-reference/responses-streaming, https://docs.claude.com/en/docs/build-with-claude/streaming,
 * https://ai.google.dev/api/generate-content, https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
 */

/** A way to be asked and to answer: a format under one vendor. */
export interface VendorAnswers {
  format: 'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'gemini' | 'bedrock-converse';
  vendor: string;
  credentialKind: string;
  /** Paths of a whole and of a streamed answer, for the upstream model `up`. */
  paths: [whole: string, stream: string];
  contentType: string;
  whole(text: string): string;
  events(words: readonly string[]): (string | Buffer)[];
  /** What the usage of both comes to. */
  parts: UsageFigures;
  /** An error inside a stream that has the status 200. */
  errorEvent: string | Buffer;
}

const NONE: UsageFigures = {
  ...NO_FIGURES,
};

const sse = (data: { type?: string } & object, named = true): string =>
  `${named && data.type ? `event: ${data.type}\n` : ''}data: ${JSON.stringify(data)}\n\n`;

const CHAT: VendorAnswers = {
  format: 'openai-chat',
  vendor: 'openai',
  credentialKind: 'api_key',
  paths: ['/v1/chat/completions', '/v1/chat/completions'],
  contentType: 'text/event-stream',
  whole: (text) => chatBody(text),
  events: (words) => chatEvents(words),
  parts: { ...NONE, input: 15, cacheRead: 5, output: 6, reasoning: 4 },
  errorEvent: 'data: {"error":{"message":"It broke.","type":"server_error","code":null}}\n\n',
};
if (USAGE.prompt_tokens !== 20) throw new Error('The figures above belong to the fake’s usage');

const responsesUsage = {
  input_tokens: 20,
  input_tokens_details: { cached_tokens: 5 },
  output_tokens: 10,
  output_tokens_details: { reasoning_tokens: 4 },
  total_tokens: 30,
};
const response = (status: string, text: string | null): object => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1_760_000_000,
  status,
  model: 'up',
  error: null,
  incomplete_details: null,
  output: text === null ? [] : [responseMessage('completed', text)],
  usage: text === null ? null : responsesUsage,
});
const responseMessage = (status: string, text: string | null): object => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  status,
  content: text === null ? [] : [{ type: 'output_text', text, annotations: [] }],
});

const RESPONSES: VendorAnswers = {
  format: 'openai-responses',
  vendor: 'openai',
  credentialKind: 'api_key',
  paths: ['/v1/responses', '/v1/responses'],
  contentType: 'text/event-stream; charset=utf-8',
  whole: (text) => JSON.stringify(response('completed', text)),
  events(words) {
    const text = words.join('');
    const at = { item_id: 'msg_1', output_index: 0, content_index: 0 };
    const part = (content: string): object => ({ type: 'output_text', text: content, annotations: [] });
    const events: { type: string }[] = [
      { type: 'response.created', response: response('in_progress', null) } as { type: string },
      { type: 'response.output_item.added', output_index: 0, item: responseMessage('in_progress', null) } as never,
      { type: 'response.content_part.added', ...at, part: part('') } as never,
      ...words.map((delta) => ({ type: 'response.output_text.delta', ...at, delta })),
      { type: 'response.output_text.done', ...at, text } as never,
      { type: 'response.content_part.done', ...at, part: part(text) } as never,
      { type: 'response.output_item.done', output_index: 0, item: responseMessage('completed', text) } as never,
      { type: 'response.completed', response: response('completed', text) } as never,
    ];
    return events.map((event, sequence) => sse({ ...event, sequence_number: sequence } as { type: string }));
  },
  parts: CHAT.parts,
  errorEvent: sse({
    type: 'error',
    code: 'server_error',
    message: 'It broke.',
    param: null,
    sequence_number: 0,
  } as never),
};

const anthropicUsage = {
  input_tokens: 15,
  cache_read_input_tokens: 5,
  cache_creation_input_tokens: 7,
  cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 4 },
  output_tokens: 10,
};
const anthropicMessage = { id: 'msg_1', type: 'message', role: 'assistant', model: 'up' };
const anthropicEvents = (words: readonly string[]): { type: string }[] =>
  [
    {
      type: 'message_start',
      message: {
        ...anthropicMessage,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { ...anthropicUsage, output_tokens: 1 },
      },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'ping' },
    ...words.map((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 10 } },
    { type: 'message_stop' },
  ] as { type: string }[];

const ANTHROPIC: VendorAnswers = {
  format: 'anthropic-messages',
  vendor: 'anthropic',
  credentialKind: 'api_key',
  paths: ['/v1/messages', '/v1/messages'],
  contentType: 'text/event-stream; charset=utf-8',
  whole: (text) =>
    JSON.stringify({
      ...anthropicMessage,
      content: [{ type: 'text', text }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: anthropicUsage,
    }),
  events: (words) => anthropicEvents(words).map((event) => sse(event)),
  parts: { ...NONE, input: 15, cacheRead: 5, cacheWrite5m: 3, cacheWrite1h: 4, output: 10 },
  errorEvent: sse({ type: 'error', error: { type: 'overloaded_error', message: 'It broke.' } } as never),
};

const geminiUsage = {
  promptTokenCount: 20,
  cachedContentTokenCount: 5,
  candidatesTokenCount: 6,
  thoughtsTokenCount: 4,
  totalTokenCount: 30,
};
const geminiChunk = (text: string, last: boolean): object => ({
  candidates: [{ content: { role: 'model', parts: [{ text }] }, ...(last ? { finishReason: 'STOP' } : {}), index: 0 }],
  ...(last ? { usageMetadata: geminiUsage } : {}),
  modelVersion: 'up',
  responseId: 'r1',
});

const GEMINI: VendorAnswers = {
  format: 'gemini',
  vendor: 'gemini',
  credentialKind: 'api_key',
  paths: ['/v1/models/up:generateContent', '/v1/models/up:streamGenerateContent?alt=sse'],
  contentType: 'text/event-stream',
  whole: (text) => JSON.stringify(geminiChunk(text, true)),
  events: (words) => [...words, ''].map((word, at) => sse(geminiChunk(word, at === words.length), false)),
  parts: { ...NONE, input: 15, cacheRead: 5, output: 6, reasoning: 4 },
  errorEvent: sse({ error: { code: 503, message: 'It broke.', status: 'UNAVAILABLE' } } as never),
};

const AWS_STREAM = 'application/vnd.amazon.eventstream';

export function awsEvent(type: string, payload: object): Buffer {
  return encodeAwsFrame({
    headers: { ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' },
    payload: Buffer.from(JSON.stringify(payload)),
  });
}

export function awsException(type: string, payload: object): Buffer {
  return encodeAwsFrame({
    headers: { ':exception-type': type, ':content-type': 'application/json', ':message-type': 'exception' },
    payload: Buffer.from(JSON.stringify(payload)),
  });
}

const converseUsage = {
  inputTokens: 15,
  outputTokens: 10,
  totalTokens: 30,
  cacheReadInputTokens: 5,
  cacheWriteInputTokens: 0,
};

const CONVERSE: VendorAnswers = {
  format: 'bedrock-converse',
  vendor: 'bedrock',
  credentialKind: 'aws_role',
  paths: ['/v1/model/up/converse', '/v1/model/up/converse-stream'],
  contentType: AWS_STREAM,
  whole: (text) =>
    JSON.stringify({
      output: { message: { role: 'assistant', content: [{ text }] } },
      stopReason: 'end_turn',
      usage: converseUsage,
      metrics: { latencyMs: 5 },
    }),
  events: (words) => [
    awsEvent('messageStart', { role: 'assistant' }),
    ...words.map((text) => awsEvent('contentBlockDelta', { contentBlockIndex: 0, delta: { text } })),
    awsEvent('contentBlockStop', { contentBlockIndex: 0 }),
    awsEvent('messageStop', { stopReason: 'end_turn' }),
    awsEvent('metadata', { usage: converseUsage, metrics: { latencyMs: 5 } }),
  ],
  parts: { ...NONE, input: 15, cacheRead: 5, output: 10 },
  errorEvent: awsException('throttlingException', { message: 'It broke.' }),
};

const INVOKE: VendorAnswers = {
  ...ANTHROPIC,
  vendor: 'bedrock',
  credentialKind: 'aws_role',
  paths: ['/v1/model/up/invoke', '/v1/model/up/invoke-with-response-stream'],
  contentType: AWS_STREAM,
  events: (words) =>
    anthropicEvents(words).map((event) =>
      awsEvent('chunk', { bytes: Buffer.from(JSON.stringify(event)).toString('base64'), p: 'abcd' }),
    ),
  errorEvent: awsException('modelStreamErrorException', { message: 'It broke.' }),
};

export const VENDOR_ANSWERS = {
  chat: CHAT,
  responses: RESPONSES,
  anthropic: ANTHROPIC,
  gemini: GEMINI,
  converse: CONVERSE,
  invoke: INVOKE,
} as const satisfies Record<string, VendorAnswers>;

export type VendorName = keyof typeof VENDOR_ANSWERS;

/** The vendor's stream of these words, one write an event. */
export function streamedBy(
  { contentType, events }: VendorAnswers,
  words: readonly string[],
  last: Step[] = [],
): Step[] {
  return [
    { head: 200, headers: { 'content-type': contentType } },
    ...events(words).map((write) => ({ write })),
    ...last,
  ];
}
