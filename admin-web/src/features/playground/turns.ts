import type { ConversationTurn } from '@sluice/contract/conversations';
import type { Conversation } from '../../lib/api/conversation.ts';
import type { ChatEvent } from '../../lib/chat/stream-chat.ts';

interface ToolCall {
  id: string;
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
  durationMs: number | null;
  endReason: string | null;
  /** Somebody said stop. */
  isStopped: boolean;
}

/** What the tools that a reply called have said. */
interface ToolResults {
  role: 'tool';
  results: readonly { id: string; text: string }[];
}

export type Turn = Question | Reply | ToolResults;

export const EMPTY_REPLY: Reply = {
  role: 'assistant',
  text: '',
  reasoning: '',
  tools: [],
  requestId: null,
  usage: null,
  firstMs: null,
  durationMs: null,
  endReason: null,
  isStopped: false,
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
      return { ...reply, endReason: event.reason, durationMs: elapsedMs };
  }
}

function withTool(tools: readonly ToolCall[], event: ToolCall & { index: number }): ToolCall[] {
  const grown = [...tools];
  const before = grown[event.index] ?? { id: '', name: '', arguments: '' };
  grown[event.index] = {
    id: before.id === '' ? event.id : before.id,
    name: before.name + event.name,
    arguments: before.arguments + event.arguments,
  };
  return grown;
}

/** A reply of which nothing came. */
export function isEmpty({ text, reasoning, tools }: Reply): boolean {
  return text === '' && reasoning === '' && tools.length === 0;
}

/** The conversation as the API takes it. A reply that never came is left out, and calls of tools without results. */
export function messagesOf(system: string, turns: readonly Turn[]): Record<string, unknown>[] {
  return [
    ...(system.trim() === '' ? [] : [{ role: 'system', content: system.trim() }]),
    ...turns.flatMap((turn, at): Record<string, unknown>[] => {
      if (turn.role === 'tool') {
        return turn.results.map(({ id, text }) => ({ role: 'tool', tool_call_id: id, content: text }));
      }
      if (turn.role === 'assistant') return replyMessages(turn, turns[at + 1]?.role === 'tool');
      if (turn.images.length === 0) return [{ role: 'user', content: turn.text }];
      const images = turn.images.map((url) => ({ type: 'image_url', image_url: { url } }));
      return [{ role: 'user', content: [{ type: 'text', text: turn.text }, ...images] }];
    }),
  ];
}

function replyMessages({ text, tools }: Reply, hasResults: boolean): Record<string, unknown>[] {
  if (!hasResults || tools.length === 0) return text === '' ? [] : [{ role: 'assistant', content: text }];
  const calls = tools.map(({ id, ...called }) => ({ id, type: 'function', function: called }));
  return [{ role: 'assistant', content: text === '' ? null : text, tool_calls: calls }];
}

/** A turn as it is shown. */
export function shownTurn(turn: Turn): ConversationTurn {
  if (turn.role === 'user') {
    const images = turn.images.map((url) => ({ type: 'image' as const, url }));
    return { role: 'user', parts: [{ type: 'text', text: turn.text }, ...images] };
  }
  if (turn.role === 'tool') {
    return { role: 'tool', parts: turn.results.map(({ text }) => ({ type: 'tool_result', text })) };
  }
  const { reasoning, text, tools } = turn;
  return {
    role: 'assistant',
    parts: [
      ...(reasoning === '' ? [] : [{ type: 'reasoning' as const, text: reasoning }]),
      ...(text === '' ? [] : [{ type: 'text' as const, text }]),
      ...tools.map((tool) => ({ type: 'tool_call' as const, name: tool.name, arguments: tool.arguments })),
    ],
  };
}

/** A kept conversation to go on from: its words and pictures. What tools did in it is left behind. */
export function turnsOfKept({ turns }: Pick<Conversation, 'turns'>): { system: string; turns: Turn[] } {
  const textOf = ({ parts }: ConversationTurn): string =>
    parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n\n');
  return {
    system: turns
      .filter(({ role }) => role === 'system')
      .map(textOf)
      .join('\n\n'),
    turns: turns.flatMap((turn): Turn[] => {
      const text = textOf(turn);
      if (turn.role === 'user') {
        const images = turn.parts.flatMap((part) => (part.type === 'image' ? [part.url] : []));
        return text === '' && images.length === 0 ? [] : [{ role: 'user', text, images }];
      }
      return turn.role === 'assistant' && text !== '' ? [{ ...EMPTY_REPLY, text }] : [];
    }),
  };
}
