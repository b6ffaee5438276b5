import type { Scheduler } from '@sluice/kit/time/scheduler';
import type { TimerTable } from './timers.ts';

export type WatchPhase = 'firstByteMs' | 'firstContentMs' | 'idleMs';

/** All time limits of one request on one timer, which is set anew only when it has run out or is too late. */
export interface Watch {
  /** Begins to wait for something else. */
  enter(phase: WatchPhase): void;
  /** Until content comes, no sign of life moves this limit of one call; null lifts it. */
  limitStart(ms: number | null): void;
  /** The upstream gave a sign of life; its limit begins anew. */
  touch(): void;
  /** The client was sent something. */
  spoke(): void;
  /**
   * The client is slow, which is not the upstream's fault. Until the next `enter` it is the client who may be idle no
   * longer than an upstream may.
   */
  hold(): void;
  isHeld(): boolean;
  /** From now on the client is told something after each such silence; 0 = never. */
  speakEvery(silenceMs: number): void;
  stop(): void;
}

export interface WatchOptions {
  scheduler: Scheduler;
  table: TimerTable;
  onExpired(limit: WatchPhase | 'slowStartMs' | 'stalledMs' | 'totalMs'): void;
  onSilence(): void;
}

export function createWatch({ scheduler, table, onExpired, onSilence }: WatchOptions): Watch {
  const startedAt = scheduler.monotonicMs();
  let phase: WatchPhase = 'firstByteMs';
  let phaseSince = startedAt;
  let spokeAt = startedAt;
  let silenceMs = 0;
  let startBy = Infinity;
  let armedFor = Infinity;
  let cancel: (() => void) | null = null;
  let stopped = false;
  let held = false;

  const phaseEnd = (): number => phaseSince + (held ? table.idleMs : table[phase]);
  const dueAt = (): number => {
    const limit = Math.min(startedAt + table.totalMs, phaseEnd(), startBy);
    // A client that does not read what it was sent needs no sign of life.
    return silenceMs === 0 || held ? limit : Math.min(limit, spokeAt + silenceMs);
  };
  const arm = (): void => {
    const due = dueAt();
    if (stopped || (cancel !== null && armedFor <= due)) return;
    cancel?.();
    armedFor = due;
    cancel = scheduler.after(Math.max(1, due - scheduler.monotonicMs()), ring);
  };
  const ring = (): void => {
    cancel = null;
    // A timer may ring a fraction of a millisecond early.
    const now = scheduler.monotonicMs() + 1;
    if (now >= startedAt + table.totalMs) return onExpired('totalMs');
    if (now >= startBy) {
      startBy = Infinity;
      return onExpired('slowStartMs');
    }
    if (now >= phaseEnd()) return onExpired(held ? 'stalledMs' : phase);
    if (silenceMs > 0 && !held && now >= spokeAt + silenceMs) {
      spokeAt = now;
      onSilence();
    }
    arm();
  };

  return {
    enter(next) {
      held = false;
      phase = next;
      phaseSince = scheduler.monotonicMs();
      arm();
    },
    limitStart(ms) {
      startBy = ms === null ? Infinity : scheduler.monotonicMs() + ms;
      if (ms !== null) arm();
    },
    touch() {
      phaseSince = scheduler.monotonicMs();
    },
    spoke() {
      spokeAt = scheduler.monotonicMs();
    },
    hold() {
      held = true;
      phaseSince = scheduler.monotonicMs();
      arm();
    },
    isHeld: () => held,
    speakEvery(next) {
      silenceMs = next;
      arm();
    },
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}
