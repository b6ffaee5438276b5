import { useEffect, useRef, useState } from 'react';
import type { LongWork } from './long-work.ts';

export interface LongRun<Result> {
  state: 'idle' | 'running' | 'stopping' | 'stopped' | 'failed' | 'done';
  results: readonly Result[];
  /** How many results there will be; null: nobody knows. */
  total: number | null;
  error: unknown;
  start: (work: LongWork<Result>) => void;
  /** After the part that is under way. */
  stop: () => void;
  /** After a stop or a failure. */
  goOn: () => void;
  /** Forgets it all; what is under way is not waited for. */
  reset: () => void;
}

interface Seen<Result> {
  state: LongRun<Result>['state'];
  results: readonly Result[];
  error: unknown;
}

const IDLE = { state: 'idle', results: [], error: null } as const;

/** Runs work part by part while the component is there. `onEnd` is called when it ends, in whatever way. */
export function useLongWork<Result>(onEnd: () => void): LongRun<Result> {
  const [seen, setSeen] = useState<Seen<Result>>(IDLE);
  const [work, setWork] = useState<LongWork<Result> | null>(null);
  const running = useRef<{ controller: AbortController; isStopping: boolean } | null>(null);
  useEffect(() => () => running.current?.controller.abort(), []);

  const run = async (todo: LongWork<Result>): Promise<void> => {
    const mine = { controller: new AbortController(), isStopping: false };
    const { signal } = mine.controller;
    running.current = mine;
    setSeen((before) => ({ ...before, state: 'running', error: null }));
    try {
      for (let isDone = false; !isDone && !mine.isStopping && !signal.aborted;) {
        const part = await todo.next(signal);
        if (signal.aborted) return;
        isDone = part.isDone;
        const ended = isDone ? 'done' : mine.isStopping ? 'stopped' : null;
        setSeen(({ state, results, error }) => ({
          state: ended ?? state,
          results: [...results, ...part.results],
          error,
        }));
      }
    } catch (error) {
      if (!signal.aborted) setSeen((before) => ({ ...before, state: 'failed', error }));
    } finally {
      onEnd();
    }
  };

  return {
    ...seen,
    total: work?.total ?? null,
    start: (started) => {
      setWork(started);
      setSeen(IDLE);
      void run(started);
    },
    stop: () => {
      if (running.current) running.current.isStopping = true;
      setSeen((before) => (before.state === 'running' ? { ...before, state: 'stopping' } : before));
    },
    goOn: () => {
      if (work) void run(work);
    },
    reset: () => {
      running.current?.controller.abort();
      running.current = null;
      setWork(null);
      setSeen(IDLE);
    },
  };
}
