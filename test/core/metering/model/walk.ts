import { apply } from './store-steps.ts';
import { brokenAfterSweep, brokenNow, isAtRest, type Invariant } from './invariants.ts';
import {
  cloneState,
  initialState,
  type Agent,
  type Message,
  type Process,
  type Rules,
  type Setup,
  type State,
} from './ledger-model.ts';
import { processSteps } from './process-steps.ts';
import { repairSteps } from './repair-steps.ts';
import type { Step } from './steps.ts';

interface Violation {
  invariant: Invariant;
  /** The steps that lead to it, in order. */
  trace: string[];
}

export interface Walk {
  /** Different states visited. */
  states: number;
  /** Steps between them. */
  steps: number;
  /** States at rest, each of which was swept and judged. */
  ends: number;
  /** The first violation of each invariant. */
  violations: Violation[];
}

interface Visited {
  state: State;
  from: Visited | null;
  label: string;
}

/**
 * Visits every state that can be reached, each once.
 * @param until ends as soon as this invariant is seen to break
 */
export function walk(rules: Rules, setup: Setup, until: Invariant | null = null): Walk {
  const seen = new Set<string>();
  const found = new Map<Invariant, Violation>();
  const result: Walk = { states: 0, steps: 0, ends: 0, violations: [] };
  const note = (invariant: Invariant | null, at: Visited): boolean => {
    if (invariant && !found.has(invariant)) found.set(invariant, { invariant, trace: traceOf(at) });
    return invariant !== null;
  };
  const stack: Visited[] = [{ state: initialState(setup), from: null, label: '' }];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const { state } = at;
    const key = keyOf(state);
    if (seen.has(key)) continue;
    seen.add(key);
    if (until !== null && found.has(until)) break;
    if (note(brokenNow(state, setup), at)) continue;
    if (isAtRest(state)) {
      result.ends += 1;
      note(brokenAfterSweep(state, rules, setup), at);
    }
    for (const step of stepsFrom(state, rules, setup)) {
      result.steps += 1;
      stack.push({ state: step.next, from: at, label: step.label });
    }
  }
  return { ...result, states: seen.size, violations: [...found.values()] };
}

function stepsFrom(state: State, rules: Rules, setup: Setup): Step[] {
  return [
    ...state.processes.flatMap((_, request) => processSteps(state, request, rules, setup)),
    ...state.agents.flatMap((_, index) => repairSteps(state, index, rules, setup)),
    ...state.late.map((message, index) => arrive(state, { message, index }, rules, setup)),
    ...worldSteps(state, setup),
  ];
}

/** A write that its sender gave up long ago lands after all. */
function arrive(
  state: State,
  { message, index }: { message: Message; index: number },
  rules: Rules,
  setup: Setup,
): Step {
  const next = cloneState(state);
  next.late.splice(index, 1);
  const { answer } = apply(next, message, rules, setup.limits);
  const of = 'request' in message ? ` of ${message.request}` : '';
  return { label: `late ${message.kind}${of} arrives → ${answer}`, next };
}

function worldSteps(state: State, setup: Setup): Step[] {
  const steps: Step[] = [];
  if (state.time < 2) {
    const time = (state.time + 1) as 1 | 2;
    steps.push({ label: `time ${time}`, next: { ...cloneState(state), time } });
  }
  if (setup.redeems && state.entitlement === 0) {
    steps.push({ label: 'a code is redeemed', next: { ...cloneState(state), entitlement: 1 } });
  }
  return steps;
}

/** States that differ only in what nobody will look at again are the same, and so are those with late writes in another order. */
function keyOf(state: State): string {
  const { counters } = state;
  const late = state.late.map((message) => Object.values(message).join(':')).toSorted();
  return [
    `${state.time}${state.entitlement}${Number(state.hasHolds)}${state.faultsLeft}`,
    `${counters.tok}/${counters.req0}/${counters.req1}/${counters.fly}/${counters.planA}/${counters.planB}`,
    ...state.holds.map((hold) => (hold ? `${hold.minute}${hold.plan}` : '-')),
    ...state.events.map((event) => (event ? `${Number(event.open)}${event.source}` : '-')),
    ...state.processes.map(keyOfProcess),
    ...state.agents.map(keyOfAgent),
    ...state.ghosts.map(({ admittedEver, called, closings, net }) => `${admittedEver}${called}${closings}/${net}`),
    ...late,
    state.broken,
  ].join(' ');
}

function keyOfProcess(process: Process): string {
  const { pc, minute, refused, left } = process;
  if (pc === 'new') return pc;
  if (pc === 'done' || pc === 'dead') return `${pc}${minute}${refused}${left}`;
  return Object.values(process).join();
}

function keyOfAgent({ pc, request, side, source }: Agent): string {
  if (pc === 'idle' || pc === 'done') return pc;
  return pc === 'found' ? `${pc}${request}${side}` : `${pc}${request}${source}`;
}

function traceOf(at: Visited): string[] {
  const labels: string[] = [];
  for (let step: Visited | null = at; step?.from; step = step.from) labels.push(step.label);
  return labels.toReversed();
}
