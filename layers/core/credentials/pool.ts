import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import type { Scheduler } from '@sluice/kit/time/scheduler';
import { claimed, healthBy, markOf, recovered, released, restAfter } from './circuit.ts';
import { cooldown, type UpstreamFailure } from './cooldown.ts';
import { concerns } from './display-state.ts';
import { ALL_MODELS, type ChangeSource, type PoolState, type PoolStateStore, type PoolSubject } from './pool-state.ts';
import type { Health, Choice } from './select.ts';

export interface PoolDeps {
  poolStates: PoolStateStore;
  clock: Clock;
  scheduler: Pick<Scheduler, 'monotonicMs'>;
  logger: Pick<Logger, 'warn'>;
  /** What the log of operations says of the changes; `relay` when left out. */
  by?: ChangeSource | undefined;
  /** How long a failure rests, where that is not as usual; the simulator compares. */
  cooldown?: typeof cooldown | undefined;
}

/** A credential for one upstream model, with the secret that it has now. */
export interface PoolMember extends PoolSubject {
  secretDigest: string;
}

/** One call under way. */
export interface Use {
  member: PoolMember;
  mode: Choice<unknown>['mode'];
  /** Request id. */
  who: string;
  /** Epoch milliseconds. */
  startedAt: number;
  /** What is being probed; null in the other modes. */
  probed: PoolSubject | null;
}

/**
 * What this process knows of the health of credentials, shared with other processes through the store. Its own news
 * count at once, those of others within `LIFE_MS`. It writes only when a state changes. The returned promises are the
 * writes: they never reject, and a request waits for its own before its answer ends.
 */
export interface Pool {
  /** Looks up what other processes have seen. Never rejects: without the store the pool goes by what it knows. */
  load(upstreams: readonly string[]): Promise<void>;
  /** The same of these alone. */
  loadMembers(members: readonly PoolSubject[]): Promise<void>;
  healthOf(member: PoolMember): Health;
  /** Null when another request, here or elsewhere, probes it already. */
  begin(member: PoolMember, mode: Use['mode'], who: string): Promise<Use | null>;
  succeeded(use: Use): Promise<void> | null;
  failed(use: Use, failure: UpstreamFailure): Promise<void> | null;
  /** The call ended without a verdict: the client left. */
  released(use: Use): Promise<void> | null;
}

const LIFE_MS = 3_000;
/** Longer than most probes take to show content; a probe whose process died is free again after it. */
export const PROBE_LEASE_MS = 60_000;
const MOST_ROUNDS = 3;

interface Known {
  deps: PoolDeps;
  states: Map<string, PoolState>;
  /** Failures in a row that do not yet make a rest. */
  strikes: Map<string, number>;
}

export function createPool(deps: PoolDeps): Pool {
  const known: Known = { deps, states: new Map(), strikes: new Map() };
  return {
    load: createLoader(known),
    loadMembers: createMemberLoader(known),
    healthOf: (member) => healthBy(openStates(known, member), deps.clock()),
    begin: async (member, mode, who) => {
      const use: Use = { member, mode, who, startedAt: deps.clock(), probed: null };
      return mode === 'probe' ? claim(known, use) : use;
    },
    succeeded: (use) => succeed(known, use),
    failed: (use, failure) => fail(known, use, failure),
    released: (use) => release(known, use),
  };
}

function keyOf({ upstream, credentialId, model }: PoolSubject): string {
  return `${upstream}\n${credentialId}\n${model}`;
}

function allModels(member: PoolSubject): PoolSubject {
  return { upstream: member.upstream, credentialId: member.credentialId, model: ALL_MODELS };
}

const NONE: readonly PoolState[] = [];

/** States that concern a member, the credential's own first. */
function openStates({ states }: Known, member: PoolMember): readonly PoolState[] {
  if (states.size === 0) return NONE;
  const found: PoolState[] = [];
  for (const subject of [allModels(member), member]) {
    const state = states.get(keyOf(subject));
    if (state !== undefined && concerns(state, member.secretDigest)) found.push(state);
  }
  return found;
}

function createLoader(known: Known): Pool['load'] {
  const { poolStates, scheduler, logger } = known.deps;
  const loads = new Map<string, { at: number; done: Promise<void> }>();
  const load = async (upstream: string): Promise<void> => {
    try {
      for (const state of await poolStates.listStates(upstream)) adopt(known, state);
    } catch (error) {
      logger.warn('pool_states_unread', { upstream, error: describe(error) });
    }
  };
  return async (upstreams) => {
    const now = scheduler.monotonicMs();
    await Promise.all(
      upstreams.map((upstream) => {
        const last = loads.get(upstream);
        if (last !== undefined && now - last.at < LIFE_MS) return last.done;
        const done = load(upstream);
        loads.set(upstream, { at: now, done });
        return done;
      }),
    );
  };
}

const MOST_LOOKED_AT = 20_000;

function createMemberLoader(known: Known): Pool['loadMembers'] {
  const { poolStates, scheduler, logger } = known.deps;
  const looked = new Map<string, number>();
  return async (members) => {
    const now = scheduler.monotonicMs();
    const subjects = new Map<string, PoolSubject>();
    for (const { upstream, credentialId, model } of members) {
      for (const subject of [allModels({ upstream, credentialId, model }), { upstream, credentialId, model }]) {
        const key = keyOf(subject);
        if (now - (looked.get(key) ?? -Infinity) >= LIFE_MS) subjects.set(key, subject);
      }
    }
    if (subjects.size === 0) return;
    if (looked.size > MOST_LOOKED_AT) looked.clear();
    for (const key of subjects.keys()) looked.set(key, now);
    try {
      for (const state of await poolStates.findStates([...subjects.values()])) adopt(known, state);
    } catch (error) {
      const [first] = subjects.values();
      logger.warn('pool_states_unread', { upstream: first?.upstream, error: describe(error) });
    }
  };
}

/** Our own news may be newer than what was read. */
function adopt({ states }: Known, state: PoolState): void {
  const key = keyOf(state);
  if ((states.get(key)?.version ?? 0) < state.version) states.set(key, state);
}

async function claim(known: Known, use: Use): Promise<Use | null> {
  const now = known.deps.clock();
  const [state] = openStates(known, use.member).filter((open) => healthBy([open], now).kind === 'half-open');
  if (state === undefined) return null;
  // Known here before the store is asked, so that nobody else of this process asks it too.
  const outcome = await write(known, use, state, claimed(state, { holder: use.who, until: now + PROBE_LEASE_MS }));
  return outcome === 'lost' ? null : { ...use, probed: state };
}

function succeed(known: Known, use: Use): Promise<void> | null {
  const { member, mode } = use;
  if (known.strikes.size > 0) {
    known.strikes.delete(keyOf(member));
    known.strikes.delete(keyOf(allModels(member)));
  }
  // A call that began before the rest proves nothing about it.
  if (mode === 'ready') return null;
  const open = openStates(known, member);
  if (open.length === 0) return null;
  return all(open.map((state) => recover(known, use, state)));
}

function recover(known: Known, use: Use, subject: PoolSubject): Promise<void> {
  return change(known, use, subject, (state) => {
    const isOurs = state !== null && concerns(state, use.member.secretDigest) && state.since <= use.startedAt;
    return isOurs ? recovered(state) : null;
  });
}

function fail(known: Known, use: Use, failure: UpstreamFailure): Promise<void> | null {
  const { member, probed } = use;
  const now = known.deps.clock();
  const restOf = known.deps.cooldown ?? cooldown;
  const first = restOf(failure, 0, now);
  if (first === null) return succeed(known, use);
  const subject = first.scope === 'credential' ? allModels(member) : member;
  const writes: Promise<void>[] = [];
  // What was probed answered for itself, be it with a failure of another kind.
  if (probed !== null && keyOf(probed) !== keyOf(subject)) writes.push(recover(known, use, probed));
  if (use.mode === 'ready' && !isLastStrike(known, subject, first.threshold)) return null;
  const next = (state: PoolState | null): PoolState | null => {
    const rests = state !== null && concerns(state, member.secretDigest) ? state.failures : 0;
    const rest = restOf(failure, rests, now) ?? first;
    return restAfter(state, { subject, secretDigest: member.secretDigest, rest, who: use.who, now });
  };
  writes.push(change(known, use, subject, next));
  return all(writes);
}

function isLastStrike({ strikes }: Known, subject: PoolSubject, threshold: number): boolean {
  const key = keyOf(subject);
  const count = (strikes.get(key) ?? 0) + 1;
  if (count < threshold) {
    strikes.set(key, count);
    return false;
  }
  strikes.delete(key);
  return true;
}

function release(known: Known, use: Use): Promise<void> | null {
  if (use.probed === null) return null;
  return change(known, use, use.probed, (state) => (state?.probe?.holder === use.who ? released(state) : null));
}

/** Applies a change here at once and in the store under its version; when another came first, to what it wrote. */
async function change(
  known: Known,
  use: Use,
  subject: PoolSubject,
  next: (state: PoolState | null) => PoolState | null,
): Promise<void> {
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const before = known.states.get(keyOf(subject)) ?? null;
    const after = next(before);
    if (after === null || (await write(known, use, before, after)) !== 'lost') return;
  }
}

async function write(
  known: Known,
  use: Use,
  before: PoolState | null,
  after: PoolState,
): Promise<'written' | 'lost' | 'unknown'> {
  const { poolStates, clock, logger } = known.deps;
  const key = keyOf(after);
  known.states.set(key, after);
  try {
    const outcome = await poolStates.writeState(after);
    if (!outcome.written) {
      // Unless news of our own came meanwhile, what stands there is the truth.
      if (known.states.get(key) !== after) return 'lost';
      if (outcome.current === null) known.states.delete(key);
      else known.states.set(key, outcome.current);
      return 'lost';
    }
    const now = clock();
    await poolStates.appendChange({
      upstream: after.upstream,
      credentialId: after.credentialId,
      model: after.model,
      at: now,
      by: known.deps.by ?? 'relay',
      who: use.who,
      from: markOf(before, now),
      to: markOf(after, now),
      reason: after.reason,
      until: after.failures > 0 ? after.until : null,
    });
    return 'written';
  } catch (error) {
    logger.warn('pool_state_unwritten', { request_id: use.who, upstream: after.upstream, error: describe(error) });
    return 'unknown';
  }
}

async function all(writes: readonly Promise<void>[]): Promise<void> {
  await Promise.all(writes);
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
