import { ACTUAL, ERROR_BOUND, figures, type Rules, type Setup, type State } from './ledger-model.ts';
import { sweep } from './repair-steps.ts';

export type Invariant =
  | 'one-closed-event'
  | 'counters-are-the-sum'
  | 'nothing-charged-twice'
  | 'no-stale-hold'
  | 'spend-within-limit'
  | 'refused-changes-nothing'
  | 'nothing-unheld-is-spent'
  | 'charged-to-the-plan-in-force';

/** What must hold in every state. Null: nothing is broken. */
export function brokenNow(state: State, setup: Setup): Invariant | null {
  if (state.broken !== '') return state.broken as Invariant;
  const holds = state.holds.filter((hold) => hold !== null).length;
  if (setup.limits.fly !== null && (state.counters.fly ?? 0) !== holds) return 'counters-are-the-sum';
  return overspent(state, setup) ? 'spend-within-limit' : null;
}

function overspent({ ghosts, processes }: State, { limits, redeems }: Setup): boolean {
  const called = [...ghosts.keys()].filter((request) => ghosts[request]!.called);
  const spent = called.reduce((sum, request) => sum + ACTUAL[request]!, 0);
  const inMinute = (minute: number): number => called.filter((request) => processes[request]!.minute === minute).length;
  return (
    (limits.tok !== null && spent > limits.tok + ERROR_BOUND) ||
    (limits.plan !== null && !redeems && spent > limits.plan + ERROR_BOUND) ||
    (limits.req !== null && (inMinute(0) > limits.req || inMinute(1) > limits.req))
  );
}

/** Nothing is under way any more, so that a sweep must be able to put everything right. */
export function isAtRest(state: State): boolean {
  return (
    state.time === 2 &&
    state.late.length === 0 &&
    state.processes.every(({ pc }) => pc === 'new' || pc === 'done' || pc === 'dead') &&
    state.agents.every(({ pc }) => pc === 'idle' || pc === 'done')
  );
}

/** What must hold once a sweep has passed over a state at rest. */
export function brokenAfterSweep(state: State, rules: Rules, setup: Setup): Invariant | null {
  const swept = sweep(state, rules, setup);
  if (swept.holds.some((hold) => hold !== null)) return 'no-stale-hold';
  for (const request of swept.processes.keys()) {
    const broken = brokenOf(swept, request, setup);
    if (broken) return broken;
  }
  return !setup.isLimited || sumsAreRight(swept, setup) ? null : 'counters-are-the-sum';
}

function brokenOf({ events, ghosts, processes }: State, request: number, setup: Setup): Invariant | null {
  const event = events[request] ?? null;
  const ghost = ghosts[request]!;
  const { pc, left, refused } = processes[request]!;
  if (event === null ? ghost.called : event.open || ghost.closings !== 1) return 'one-closed-event';
  const charged = event === null ? 0 : figures(request, event.source).tok;
  if (setup.isLimited && ghost.net !== charged) {
    return charged > 0 && ghost.net > charged ? 'nothing-charged-twice' : 'counters-are-the-sum';
  }
  const mustBeFree = refused === 'limit' || (refused === 'unavailable' && pc === 'done' && !left);
  return mustBeFree && charged !== 0 ? 'refused-changes-nothing' : null;
}

function sumsAreRight({ events, counters, processes }: State, { limits }: Setup): boolean {
  const closed = [...events.entries()].flatMap(([request, event]) =>
    event === null ? [] : [{ request, minute: processes[request]!.minute, ...figures(request, event.source) }],
  );
  const tok = closed.reduce((sum, event) => sum + event.tok, 0);
  const inMinuteOne = closed.filter(({ minute }) => minute === 1).reduce((sum, event) => sum + event.req, 0);
  return (
    (counters.tok ?? 0) === tok &&
    (limits.plan === null || (counters.planA ?? 0) + (counters.planB ?? 0) === tok) &&
    (limits.req === null || (counters.req1 ?? 0) === inMinuteOne) &&
    (limits.fly === null || (counters.fly ?? 0) === 0)
  );
}
