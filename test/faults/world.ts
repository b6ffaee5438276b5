import type { Scheduler } from '../../layers/kit/time/scheduler.ts';

/*
 * The world of one run: a clock that stands still unless it is moved, and everything that waits to happen. Whatever the
 * code under test awaits (a store's answer, a timer, bytes of an upstream, a client that reads) is an action here, and
 * only the driver decides which happens next. With the same choices a run repeats itself exactly.
 */

/** A process that may die: whatever it awaits afterwards never comes. */
export interface Actor {
  name: string;
  /** Its clock is ahead of the world's by so much. */
  skewMs: number;
  dead: boolean;
  /** It does nothing while others have something to do. */
  asleep: boolean;
}

interface Action {
  /** What a person calls it. */
  place: string;
  actor: Actor | null;
  run(): Promise<void> | void;
}

interface Timer {
  dueMs: number;
  actor: Actor | null;
  callback: () => void;
}

/** Chooses what happens next; `count` > 0 actions are ready, oldest first. */
export type Chooser = (count: number) => number;

export interface World {
  readonly nowMs: number;
  /** What happened, in order. */
  readonly log: string[];
  actor(name: string, skewMs?: number): Actor;
  kill(actor: Actor): void;
  add(action: Action): void;
  /** Waits apart from all others until `release`. */
  keepBack(action: Action): void;
  release(): void;
  scheduler(actor: Actor): Scheduler;
  sleep(actor: Actor): (ms: number) => Promise<void>;
  clock(actor: Actor): () => number;
  moveClock(ms: number): void;
  /** A process sleeps through this time; the others do not. */
  freeze(actor: Actor, ms: number): void;
  /** What the others do meanwhile. */
  onFrozen(callback: () => void): void;
  /** Until nothing can happen any more. */
  drain(): Promise<void>;
}

/** More than any run needs; a run that comes here goes round in circles. */
const MOST_ACTIONS = 20_000;
/** One in so many turns a sleeper wakes. */
const WAKING = 12;

export function createWorld(startMs: number, choose: Chooser): World {
  let nowMs = startMs;
  let actions: Action[] = [];
  let kept: Action[] = [];
  const timers = new Set<Timer>();
  const log: string[] = [];
  const whenFrozen: (() => void)[] = [];

  const after = (actor: Actor | null, delayMs: number, callback: () => void): (() => void) => {
    const timer: Timer = { dueMs: nowMs + Math.max(0, delayMs), actor, callback };
    timers.add(timer);
    return () => timers.delete(timer);
  };
  /** Timers that are due become actions like others. */
  const ringTimers = (): void => {
    const due = [...timers].filter(({ dueMs }) => dueMs <= nowMs).toSorted((left, right) => left.dueMs - right.dueMs);
    for (const timer of due) {
      timers.delete(timer);
      actions.push({ place: 'timer', actor: timer.actor, run: timer.callback });
    }
  };
  /** Those who sleep come last, or wake by chance before. */
  const next = (): Action | undefined => {
    const awake = actions.filter(({ actor }) => !actor?.asleep);
    const ready = awake.length === 0 || choose(WAKING) === WAKING - 1 ? actions : awake;
    const chosen = ready[choose(ready.length)];
    if (chosen?.actor) chosen.actor.asleep = false;
    return chosen;
  };
  const happen = async (): Promise<boolean> => {
    actions = actions.filter(({ actor }) => !actor?.dead);
    const action = next();
    if (action === undefined) return false;
    actions.splice(actions.indexOf(action), 1);
    if (action.place !== 'timer') log.push(`${action.actor?.name ?? '·'} ${action.place}`);
    await action.run();
    return true;
  };

  const world: World = {
    get nowMs() {
      return nowMs;
    },
    log,
    actor: (name, skewMs = 0) => ({ name, skewMs, dead: false, asleep: false }),
    kill(actor) {
      actor.dead = true;
      for (const timer of timers) if (timer.actor === actor) timers.delete(timer);
    },
    add(action) {
      if (!action.actor?.dead) actions.push(action);
    },
    keepBack: (action) => void kept.push(action),
    release() {
      actions.push(...kept);
      kept = [];
    },
    scheduler: (actor) => ({ monotonicMs: () => nowMs, after: (ms, callback) => after(actor, ms, callback) }),
    sleep: (actor) => (ms) =>
      new Promise((resolve) => {
        after(actor, ms, resolve);
      }),
    clock: (actor) => () => nowMs + actor.skewMs,
    moveClock(ms) {
      nowMs += ms;
    },
    freeze(actor, ms) {
      nowMs += ms;
      actor.asleep = true;
      for (const callback of whenFrozen) callback();
    },
    onFrozen: (callback) => void whenFrozen.push(callback),
    async drain() {
      for (let count = 0; count < MOST_ACTIONS; count += 1) {
        await quiet();
        ringTimers();
        if (await happen()) continue;
        const dueMs = Math.min(...[...timers].map((timer) => timer.dueMs));
        if (dueMs === Infinity) return;
        nowMs = dueMs;
      }
      throw new Error('The run does not come to an end');
    },
  };
  return world;
}

/** Lets all that follows from the last action happen; none of it waits for anything outside this process. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
