import { EventSourceParserStream } from 'eventsource-parser/stream';
import { ApiError } from '../api-client.ts';
import { callData } from './call-data.ts';

/** What has arrived of an answer, or how it ended. */
export type ChatEvent =
  | { type: 'begun'; requestId: string | null }
  | { type: 'text'; text: string }
  | { type: 'reasoning'; text: string }
  | { type: 'tool'; index: number; id: string; name: string; arguments: string }
  | { type: 'usage'; input: number; output: number }
  | { type: 'ended'; reason: string };

interface Chunk {
  error?: { message?: string; code?: string };
  choices?: {
    delta?: {
      content?: string | null;
      reasoning_content?: string | null;
      tool_calls?: { index: number; id?: string; function?: { name?: string; arguments?: string } }[];
    };
    finish_reason?: string | null;
  }[];
  usage?: { prompt_tokens?: number; completion_tokens?: number } | null;
}

/** Events of one chunk of https://platform.openai.com/docs/api-reference/chat-streaming */
export function eventsOf(chunk: Chunk): ChatEvent[] {
  const events: ChatEvent[] = [];
  for (const { delta, finish_reason: reason } of chunk.choices ?? []) {
    if (delta?.reasoning_content) events.push({ type: 'reasoning', text: delta.reasoning_content });
    if (delta?.content) events.push({ type: 'text', text: delta.content });
    for (const { index, id = '', function: called } of delta?.tool_calls ?? []) {
      events.push({ type: 'tool', index, id, name: called?.name ?? '', arguments: called?.arguments ?? '' });
    }
    if (reason) events.push({ type: 'ended', reason });
  }
  const { usage } = chunk;
  if (usage) {
    events.push({ type: 'usage', input: usage.prompt_tokens ?? 0, output: usage.completion_tokens ?? 0 });
  }
  return events;
}

/** Streams an answer. @throws ApiError what the gateway refused, or said in the middle of the stream */
export async function* streamChat(call: {
  apiKey: string;
  body: Record<string, unknown>;
  signal: AbortSignal;
}): AsyncGenerator<ChatEvent> {
  const response = await callData({
    path: '/v1/chat/completions',
    apiKey: call.apiKey,
    body: { ...call.body, stream: true, stream_options: { include_usage: true } },
    signal: call.signal,
  });
  yield { type: 'begun', requestId: response.headers.get('x-sluice-request-id') };
  if (response.body === null) return;
  const reader = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done || value.data === '[DONE]') return;
    const chunk = JSON.parse(value.data) as Chunk;
    if (chunk.error) {
      throw new ApiError({
        status: 400,
        code: chunk.error.code ?? 'upstream_error',
        message: chunk.error.message ?? 'The answer was cut.',
      });
    }
    yield* eventsOf(chunk);
  }
}
