import { describe, expect, it } from '@jest/globals';
import {
  sweepCredentials,
  type SweepDeps,
  type SweepReport,
  type SweepState,
} from '../../../../layers/core/credentials/refresh/sweep.ts';
import { newTokenState, type TokenKey, type TokenRow } from '../../../../layers/core/credentials/refresh/tokens.ts';
import type { OAuthClient, Upstream } from '../../../../layers/core/credentials/store.ts';
import { createEventClock } from '../../../support/event-clock.ts';
import { createMemoryTokens } from '../../../support/memory-tokens.ts';

/*
 * Ten thousand records, the real sweep, and time that passes only when everybody waits: a tick each minute, functions
 * that live for five minutes and stop taking records 40 seconds before, exchanges that take 300 ms.
 */

const MINUTE_MS = 60_000;
const FUNCTION_MS = 5 * MINUTE_MS;
const RESERVE_MS = 40_000;
const EXCHANGE_MS = 300;
const START = 1_700_000_000_000;

interface World {
  invocations: number;
  tookMs: number;
  exchanges: number;
  /** At one endpoint. */
  mostAtOnce: number;
  reports: SweepReport[];
  /** Exchanges that were begun when no time was left for them. */
  late: number;
  /** Queries of the lists of what is due. */
  pages: number;
}

async function sweepAll(
  records: number,
  upstreams: number,
  change: { recordsAtOnce?: number } = {},
  exchangeMs = EXCHANGE_MS,
): Promise<World> {
  const time = createEventClock(START);
  const rows: TokenRow[] = Array.from({ length: records }, (_, index) => ({
    ...newTokenState(null),
    upstream: `up${index % upstreams}`,
    credentialId: `crd_${String(index).padStart(5, '0')}`,
  }));
  const tokens = createMemoryTokens();
  const byUpstream = Map.groupBy(rows, ({ upstream }) => upstream);
  for (const [name, own] of byUpstream)
    byUpstream.set(
      name,
      own.toSorted((a, b) => (a.credentialId < b.credentialId ? -1 : 1)),
    );
  const left = new Set(rows.map(({ credentialId }) => credentialId));
  const world: World = { invocations: 0, tookMs: 0, exchanges: 0, mostAtOnce: 0, reports: [], pages: 0, late: 0 };
  const running = new Map<string, number>();
  const leases = new Map<string, { owner: string; until: number }>();
  let state: SweepState | null = null;

  const deps = (owner: string, endsAt: number): SweepDeps => ({
    vault: { listUpstreams: async () => [...byUpstream.keys()].map(anUpstream) },
    due: {
      ...tokens,
      async listDue({ upstream, by, limit, after }) {
        world.pages += 1;
        const own = by === 'due' ? (byUpstream.get(upstream) ?? []) : [];
        const keys: TokenKey[] = [];
        let at = Number(after?.['at'] ?? 0);
        for (; at < own.length && keys.length < limit; at += 1)
          if (left.has(own[at]!.credentialId)) keys.push(own[at]!);
        return { keys, after: at < own.length ? { at } : null };
      },
    },
    sweeps: {
      readState: async () => state,
      writeState: async (next) => void (state = next),
      async takeLease(endpoint, lease) {
        const held = leases.get(endpoint);
        if (held && held.owner !== lease.owner && held.until > lease.now) return false;
        leases.set(endpoint, lease);
        return true;
      },
      async releaseLease(endpoint, who) {
        if (leases.get(endpoint)?.owner === who) leases.delete(endpoint);
      },
    },
    refresher: {
      async refresh({ upstream, credentialId }) {
        // The real one reads the row first: whoever refreshed it meanwhile has made it not due.
        if (!left.has(credentialId)) return { outcome: 'not-due', text: '' };
        if (time.now() >= endsAt - RESERVE_MS) world.late += 1;
        const now = (running.get(upstream) ?? 0) + 1;
        running.set(upstream, now);
        world.mostAtOnce = Math.max(world.mostAtOnce, now);
        await new Promise<void>((resolve) => time.after(exchangeMs, resolve));
        running.set(upstream, (running.get(upstream) ?? 0) - 1);
        left.delete(credentialId);
        world.exchanges += 1;
        return { outcome: 'refreshed', text: '' };
      },
    },
    readSettings: async () => ({ autoRefresh: { enabled: true, intervalDays: 2, ...change } }),
    clock: time.now,
    scheduler: time,
    random: createRandom(),
    logger: { error: (event, fields) => expect([event, fields]).toEqual([]) },
    mayGoOn: () => time.now() < endsAt - RESERVE_MS,
    owner,
  });

  const work = new Set<Promise<void>>();
  const tick = (): void => {
    if (left.size === 0) return;
    world.invocations += 1;
    const run = sweepCredentials(deps(`p${world.invocations}`, time.now() + FUNCTION_MS), {}).then((report) => {
      world.reports.push(report);
      if (left.size === 0 && world.tookMs === 0) world.tookMs = time.now() - START;
      work.delete(run);
    });
    work.add(run);
    time.after(MINUTE_MS, tick);
  };
  tick();
  await time.run();
  await Promise.all(work);
  return world;
}

const anUpstream = (name: string): Upstream => ({
  name,
  format: 'openai-chat',
  vendor: 'openai',
  baseUrl: 'https://x.example',
  oauth: { tokenUrl: `https://${name}.example/token` } as OAuthClient,
  createdAt: 0,
  updatedAt: 0,
});

/** Always the same numbers. */
function createRandom(): () => number {
  let state = 42;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

describe('ten thousand due records', () => {
  it('of one token endpoint are refreshed within half an hour, each once, sixteen at a time at the most', async () => {
    const world = await sweepAll(10_000, 1);
    expect(world.exchanges).toBe(10_000);
    expect(world.tookMs).toBeLessThan(30 * MINUTE_MS);
    expect(world.mostAtOnce).toBeLessThanOrEqual(16);
    // One function works for more than four minutes; the ticks meanwhile find the endpoint taken.
    expect(world.invocations).toBeLessThanOrEqual(30);
    expect(world.reports.filter(({ outcomes }) => outcomes.refreshed !== undefined).length).toBeLessThanOrEqual(8);
    // Whoever works reads each page once.
    expect(world.pages).toBeLessThan(200);
  });

  it('of a hundred token endpoints are refreshed in a few minutes by a few functions', async () => {
    const world = await sweepAll(10_000, 100);
    expect(world.exchanges).toBe(10_000);
    expect(world.tookMs).toBeLessThan(6 * MINUTE_MS);
    expect(world.reports.filter(({ outcomes }) => outcomes.refreshed !== undefined).length).toBeLessThanOrEqual(3);
  });

  it('are not begun when no time is left, however long others keep them waiting', async () => {
    const world = await sweepAll(4_000, 60, {}, 8_000);
    expect([world.exchanges, world.late]).toEqual([4_000, 0]);
  });

  it('are refreshed one after another where an operator wants that, and within a day', async () => {
    const world = await sweepAll(10_000, 1, { recordsAtOnce: 1 });
    expect(world.exchanges).toBe(10_000);
    expect(world.mostAtOnce).toBe(1);
    expect(world.tookMs).toBeLessThan(24 * 60 * MINUTE_MS);
  });
});

describe('a few due records', () => {
  it('are refreshed one after another', async () => {
    const world = await sweepAll(20, 1);
    expect([world.exchanges, world.mostAtOnce, world.invocations]).toEqual([20, 1, 1]);
  });
});
