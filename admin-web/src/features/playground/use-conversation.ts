import { useEffect, useRef, useState } from 'react';
import { DataError } from '../../lib/chat/call-data.ts';
import { streamChat } from '../../lib/chat/stream-chat.ts';
import { callTool, CLOCK_TOOL } from './clock-tool.ts';
import { fieldsOf, type Parameters } from './parameters.ts';
import { EMPTY_REPLY, grow, isEmpty, messagesOf, type Question, type Reply, type Turn } from './turns.ts';

/** How a conversation is led. */
export interface Manner {
  apiKey: string;
  model: string;
  system: string;
  offersTool: boolean;
  parameters: Parameters;
}

export interface ChatState {
  turns: readonly Turn[];
  isAnswering: boolean;
  error: unknown;
  /** Of the request that failed, where it got as far as that. */
  failedRequestId: string | null;
  ask(question: Question, how: Manner): Promise<void>;
  /** Asks the last question again. */
  retry(how: Manner): Promise<void>;
  /** Takes the question at this place, and all after it, out of the conversation. */
  takeBack(place: number): Question | null;
  stop(): void;
  clear(): void;
}

/** A model that goes on calling tools is asked no more often. */
const MOST_ROUNDS = 4;

/** One conversation, kept in this tab only. */
export function useConversation(initial: readonly Turn[]): ChatState {
  const [turns, setTurns] = useState<readonly Turn[]>(initial);
  const [isAnswering, setAnswering] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);

  const lead = async (asked: readonly Turn[], how: Manner): Promise<void> => {
    const controller = new AbortController();
    abort.current = controller;
    setError(null);
    setAnswering(true);
    let said = asked;
    try {
      for (let round = 1; round <= MOST_ROUNDS; round += 1) {
        const before = said;
        const reply = await answer(before, how, controller.signal, (grown) => setTurns([...before, grown]));
        if (reply.tools.length === 0 || reply.isStopped) return;
        const results = reply.tools.map((tool) => ({ id: tool.id, text: callTool(tool, Date.now()) }));
        said = [...before, reply, { role: 'tool', results }];
        setTurns(said);
      }
    } catch (thrown) {
      // A reply of which nothing came is no turn.
      setTurns((current) => current.filter((turn) => turn.role !== 'assistant' || !isEmpty(turn)));
      setError(thrown);
    } finally {
      if (abort.current === controller) setAnswering(false);
    }
  };
  const lastQuestion = turns.findLastIndex(({ role }) => role === 'user');
  return {
    turns,
    isAnswering,
    error,
    failedRequestId: error instanceof DataError ? error.requestId : null,
    ask: (question, how) => lead([...turns, question], how),
    retry: (how) => lead(turns.slice(0, lastQuestion + 1), how),
    takeBack(place) {
      const question = turns[place];
      if (question?.role !== 'user') return null;
      setTurns(turns.slice(0, place));
      setError(null);
      return question;
    },
    stop: () => abort.current?.abort(),
    clear() {
      abort.current?.abort();
      abort.current = null;
      setAnswering(false);
      setTurns([]);
      setError(null);
    },
  };
}

/** Streams one reply. Stopped, it is what came until then. */
async function answer(
  turns: readonly Turn[],
  { apiKey, model, system, offersTool, parameters }: Manner,
  signal: AbortSignal,
  onGrown: (reply: Reply) => void,
): Promise<Reply> {
  const startedAt = performance.now();
  let reply = EMPTY_REPLY;
  onGrown(reply);
  const body = {
    model,
    messages: messagesOf(system, turns),
    ...fieldsOf(parameters),
    ...(offersTool ? { tools: [CLOCK_TOOL] } : {}),
  };
  try {
    for await (const event of streamChat({ apiKey, body, signal })) {
      if (signal.aborted) break;
      reply = grow(reply, event, performance.now() - startedAt);
      onGrown(reply);
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  }
  if (!signal.aborted) return reply;
  reply = { ...reply, isStopped: true };
  onGrown(reply);
  return reply;
}
