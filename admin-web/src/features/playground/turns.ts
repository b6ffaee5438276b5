import type { ChatEvent } from '../../lib/chat/stream-chat.ts';

interface ToolCall {
  name: string;
  arguments: string;
}

/** What somebody said. */
export interface Question {
  role: 'user';
  text: string;
  /** Data URLs. */
  images: readonly string[];
}

/** What the model said so far. */
export interface Reply {
  role: 'assistant';
  text: string;
  reasoning: string;
  tools: readonly ToolCall[];
  requestId: string | null;
  usage: { input: number; output: number } | null;
  firstMs: number | null;
  endReason: string | null;
}

export type Turn = Question | Reply;

export const EMPTY_REPLY: Reply = {
  role: 'assistant',
  text: '',
  reasoning: '',
  tools: [],
  requestId: null,
  usage: null,
  firstMs: null,
  endReason: null,
};

/** The reply with one more event. @param elapsedMs since the question was sent */
export function grow(reply: Reply, event: ChatEvent, elapsedMs: number): Reply {
  const firstMs = reply.firstMs ?? elapsedMs;
  switch (event.type) {
    case 'begun':
      return { ...reply, requestId: event.requestId };
    case 'text':
      return { ...reply, firstMs, text: reply.text + event.text };
    case 'reasoning':
      return { ...reply, firstMs, reasoning: reply.reasoning + event.text };
    case 'tool':
      return { ...reply, firstMs, tools: withTool(reply.tools, event) };
    case 'usage':
      return { ...reply, usage: { input: event.input, output: event.output } };
    case 'ended':
      return { ...reply, endReason: event.reason };
  }
}

function withTool(tools: readonly ToolCall[], event: ToolCall & { index: number }): ToolCall[] {
  const grown = [...tools];
  const before = grown[event.index] ?? { name: '', arguments: '' };
  grown[event.index] = { name: before.name + event.name, arguments: before.arguments + event.arguments };
  return grown;
}

/** The conversation as the API takes it. A reply that never came is left out. */
export function messagesOf(system: string, turns: readonly Turn[]): Record<string, unknown>[] {
  return [
    ...(system.trim() === '' ? [] : [{ role: 'system', content: system.trim() }]),
    ...turns.flatMap((turn): Record<string, unknown>[] => {
      if (turn.role === 'assistant') return turn.text === '' ? [] : [{ role: 'assistant', content: turn.text }];
      if (turn.images.length === 0) return [{ role: 'user', content: turn.text }];
      const images = turn.images.map((url) => ({ type: 'image_url', image_url: { url } }));
      return [{ role: 'user', content: [{ type: 'text', text: turn.text }, ...images] }];
    }),
  ];
}
