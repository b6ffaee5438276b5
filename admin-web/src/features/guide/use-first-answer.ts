import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { dashboardQuery } from '../../lib/api/dashboard.ts';
import { streamChat } from '../../lib/chat/stream-chat.ts';

export interface Answer {
  text: string;
  requestId: string | null;
  firstMs: number | null;
  totalMs: number | null;
  tokens: number | null;
}

const NOTHING: Answer = { text: '', requestId: null, firstMs: null, totalMs: null, tokens: null };

export interface FirstAnswer {
  answer: Answer | null;
  isAnswering: boolean;
  error: unknown;
  ask: (how: { apiKey: string; model: string; question: string }) => Promise<void>;
}

/** Sends one question through the same door as every client and shows the answer as it comes. */
export function useFirstAnswer(): FirstAnswer {
  const queryClient = useQueryClient();
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [isAnswering, setAnswering] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const abort = useRef<AbortController | null>(null);

  const ask: FirstAnswer['ask'] = async ({ apiKey, model, question }) => {
    const controller = new AbortController();
    abort.current?.abort();
    abort.current = controller;
    const startedAt = performance.now();
    let grown = NOTHING;
    const show = (change: Partial<Answer>): void => {
      grown = { ...grown, ...change };
      setAnswer(grown);
    };
    setError(null);
    setAnswering(true);
    show({});
    try {
      const body = { model, messages: [{ role: 'user', content: question }] };
      for await (const event of streamChat({ apiKey, body, signal: controller.signal })) {
        if (event.type === 'begun') show({ requestId: event.requestId });
        if (event.type === 'text') {
          show({ text: grown.text + event.text, firstMs: grown.firstMs ?? performance.now() - startedAt });
        }
        if (event.type === 'usage') show({ tokens: event.input + event.output });
      }
      show({ totalMs: performance.now() - startedAt });
    } catch (thrown) {
      if (!controller.signal.aborted) setError(thrown);
    } finally {
      setAnswering(false);
      await queryClient.invalidateQueries({ queryKey: dashboardQuery.queryKey });
    }
  };
  return { answer, isAnswering, error, ask };
}
