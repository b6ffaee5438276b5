import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const LOOK_MS = 50;

/**
 * Waits so many seconds, by the machine's pace or by the shifted clock, whichever is there first: a move of the clock
 * ends the wait. True while the caller is there.
 */
export async function workFor(response: ServerResponse, seconds: number): Promise<boolean> {
  const isOver = stopwatch(seconds);
  while (!isOver()) {
    if (response.destroyed) return false;
    await pause(Math.min(LOOK_MS, seconds * 1_000));
  }
  return !response.destroyed;
}

/** Says whether so many seconds have passed since now, by either clock. */
function stopwatch(seconds: number): () => boolean {
  const share = progress(seconds);
  return () => share() >= 1;
}

/** The share of so many seconds that has passed since now, by either clock; 1 from the end on. */
export function progress(seconds: number): () => number {
  const began = { wall: Date.now(), machine: performance.now() };
  return () => {
    const passed = Math.max(Date.now() - began.wall, performance.now() - began.machine);
    return seconds <= 0 ? 1 : Math.min(1, passed / (seconds * 1_000));
  };
}
