import { useRef, useState } from 'react';
import { streamChat } from '../../lib/chat/stream-chat.ts';
import { EMPTY_REPLY, grow, messagesOf, type Question, type Turn } from './turns.ts';

export interface Conversation {
  turns: readonly Turn[];
  isAnswering: boolean;
  error: unknown;
  ask(question: Question, how: { apiKey: string; model: string; system: string; weather: boolean }): Promise<void>;
  stop(): void;
  clear(): void;
}

/** Something that models can ask for, so that one sees how they do. */
const WEATHER_TOOL = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather of a place, now.',
    parameters: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] },
  },
};

/** One conversation, kept in this tab only. */
export function useConversation(): Conversation {
  const [turns, setTurns] = useState<readonly Turn[]>([]);
  const [isAnswering, setAnswering] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const abort = useRef<AbortController | null>(null);

  const ask: Conversation['ask'] = async (question, { apiKey, model, system, weather }) => {
    const asked = [...turns, question];
    const controller = new AbortController();
    abort.current = controller;
    const startedAt = performance.now();
    let reply = EMPTY_REPLY;
    setError(null);
    setAnswering(true);
    setTurns([...asked, reply]);
    try {
      const body = { model, messages: messagesOf(system, asked), ...(weather ? { tools: [WEATHER_TOOL] } : {}) };
      for await (const event of streamChat({ apiKey, body, signal: controller.signal })) {
        reply = grow(reply, event, performance.now() - startedAt);
        setTurns([...asked, reply]);
      }
    } catch (thrown) {
      if (!controller.signal.aborted) setError(thrown);
    } finally {
      setAnswering(false);
    }
  };
  return {
    turns,
    isAnswering,
    error,
    ask,
    stop: () => abort.current?.abort(),
    clear: () => {
      abort.current?.abort();
      setTurns([]);
      setError(null);
    },
  };
}
