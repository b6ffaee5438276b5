import { describe, expect, it } from '@jest/globals';
import type { RefreshCause, RefreshOutcome } from '../../../../layers/core/credentials/refresh/outcome.ts';
import {
  sweepCredentials,
  type SweepDeps,
  type SweepState,
} from '../../../../layers/core/credentials/refresh/sweep.ts';
import type { TokenKey } from '../../../../layers/core/credentials/refresh/tokens.ts';
import type { OAuthClient, Upstream } from '../../../../layers/core/credentials/store.ts';

const DAY_MS = 86_400_000;
const anUpstream = (name: string, tokenUrl: string): Upstream => ({
  name,
  format: 'openai-chat',
  vendor: 'openai',
  baseUrl: 'https://x.example',
  oauth: { tokenUrl } as OAuthClient,
  createdAt: 0,
  updatedAt: 0,
});

/** Due records by upstream; a refresh takes a record off the list. */
function stage(due: Record<string, string[]>, change: Partial<SweepDeps> = {}) {
  const world = {
    now: 100 * DAY_MS,
    refreshed: [] as string[],
    pauses: [] as number[],
    state: null as SweepState | null,
  };
  const settings = { enabled: true, intervalDays: 2 };
  const leases = new Map<string, string>();
  const listed: Record<string, string[]> = {};
  const causes: RefreshCause[] = [];
  const outcomeOf: Record<string, RefreshOutcome> = {};
  const deps: SweepDeps = {
    vault: {
      listUpstreams: async () =>
        Object.keys(due).map((name) => anUpstream(name, `https://${name.split('-')[0]}.example/token`)),
    },
    due: {
      // What follows a page is what was listed behind it, gone or not.
      async listDue({ upstream, by, limit, after }) {
        const all = by === 'due' ? (listed[upstream] ??= [...(due[upstream] ?? [])]) : [];
        const from = Number(after?.['at'] ?? 0);
        const ids = all.slice(from, from + limit).filter((id) => due[upstream]?.includes(id));
        if (from + limit >= all.length) delete listed[upstream];
        return {
          keys: ids.map((credentialId) => ({ upstream, credentialId })),
          after: from + limit < all.length ? { at: from + limit } : null,
        };
      },
    },
    sweeps: {
      readState: async () => world.state,
      writeState: async (state) => void (world.state = state),
      async takeLease(endpoint, { owner }) {
        const holder = leases.get(endpoint) ?? owner;
        leases.set(endpoint, holder);
        return holder === owner;
      },
      releaseLease: async (endpoint) => void leases.delete(endpoint),
    },
    refresher: {
      async refresh({ upstream, credentialId }: TokenKey, cause) {
        causes.push(cause);
        world.refreshed.push(credentialId);
        due[upstream] = (due[upstream] ?? []).filter((id) => id !== credentialId);
        return { outcome: outcomeOf[credentialId] ?? 'refreshed', text: '' };
      },
    },
    readSettings: async () => ({ autoRefresh: settings }),
    clock: () => world.now,
    scheduler: {
      monotonicMs: () => 0,
      after(ms, callback) {
        world.pauses.push(ms);
        queueMicrotask(callback);
        return () => undefined;
      },
    },
    random: () => 0.5,
    logger: { error: () => undefined },
    mayGoOn: () => true,
    owner: 'me',
    ...change,
  };
  return { deps, world, settings, leases, causes, outcomeOf };
}

const many = (name: string, count: number): string[] => Array.from({ length: count }, (_, index) => `${name}${index}`);

describe('the sweep', () => {
  it('does nothing while it is off, unless somebody insists', async () => {
    const { deps, world, settings } = stage({ a: ['1'] });
    settings.enabled = false;
    expect(await sweepCredentials(deps, {})).toMatchObject({ enabled: false, outcomes: {} });
    expect(world.refreshed).toEqual([]);
    expect(await sweepCredentials(deps, { force: true })).toMatchObject({ outcomes: { refreshed: 1 } });
  });

  it('sweeps all that was refreshed before it was turned on, then what is older than the interval', async () => {
    const { deps, world, causes, settings } = stage({ a: ['1', '2'] });
    await sweepCredentials(deps, {});
    expect(causes[0]).toEqual({ kind: 'schedule', staleBefore: world.now });
    const since = world.now;
    const later = stage({ a: ['3'] }, { sweeps: deps.sweeps });
    later.world.now = since + DAY_MS;
    await sweepCredentials(later.deps, {});
    expect(later.causes[0]).toEqual({ kind: 'schedule', staleBefore: since });
    const muchLater = stage({ a: ['4'] }, { sweeps: deps.sweeps });
    muchLater.world.now = since + 5 * DAY_MS;
    await sweepCredentials(muchLater.deps, {});
    expect(muchLater.causes[0]).toEqual({ kind: 'schedule', staleBefore: since + 3 * DAY_MS });
    settings.enabled = false;
    await sweepCredentials(deps, {});
    expect(world.state).toEqual({ isOn: false, since: world.now });
  });

  it('pauses one to three seconds between the records of an endpoint, and not for other endpoints', async () => {
    const { deps, world } = stage({ 'a-1': many('a', 3), 'a-2': many('b', 2), 'c-1': many('c', 2) });
    const report = await sweepCredentials(deps, {});
    expect(report).toMatchObject({ endpoints: 2, outcomes: { refreshed: 7 } });
    // One before each endpoint; five records of one have four between them, two of the other have one.
    expect(world.pauses).toEqual([2_000, 2_000, 2_000, 2_000, 2_000, 2_000, 2_000]);
  });

  it('goes on when records fail, and says how each came out', async () => {
    const { deps, outcomeOf } = stage({ a: many('x', 60) });
    Object.assign(outcomeOf, { x3: 'failed', x7: 'invalid', x9: 'ambiguous' });
    const report = await sweepCredentials(deps, { pauseMs: [0, 0] });
    expect(report.outcomes).toEqual({ refreshed: 57, failed: 1, invalid: 1, ambiguous: 1 });
    expect(report.records.find(({ credentialId }) => credentialId === 'x7')).toMatchObject({ outcome: 'invalid' });
  });

  it('asks for no record twice while the index has not learnt of it yet', async () => {
    const keys = [{ upstream: 'a', credentialId: '1' }];
    let pages = 0;
    const listDue = async () => ({ keys, after: (pages += 1) < 4 ? { at: pages } : null });
    const { deps, world } = stage({}, { due: { listDue } });
    deps.vault.listUpstreams = async () => [anUpstream('a', 'https://a.example/token')];
    await sweepCredentials(deps, {});
    expect(world.refreshed).toEqual(['1']);
  });

  it('stops in time, and the next one goes on with what is left', async () => {
    const { deps, world } = stage({ a: many('x', 10) });
    deps.mayGoOn = () => world.refreshed.length < 4;
    expect(await sweepCredentials(deps, {})).toMatchObject({ unfinished: true, outcomes: { refreshed: 4 } });
    deps.mayGoOn = () => true;
    expect(await sweepCredentials(deps, {})).toMatchObject({ unfinished: false, outcomes: { refreshed: 6 } });
    expect(world.refreshed).toHaveLength(10);
  });

  it('leaves an endpoint to the sweep that is at it', async () => {
    const { deps, world, leases } = stage({ a: ['1'], b: ['2'] });
    leases.set('https://a.example/token', 'another');
    expect(await sweepCredentials(deps, {})).toMatchObject({ taken: 1, outcomes: { refreshed: 1 } });
    expect(world.refreshed).toEqual(['2']);
    expect([...leases]).toEqual([['https://a.example/token', 'another']]);
  });

  it('of one endpoint is not stopped by another whose records cannot be read', async () => {
    const { deps, world } = stage({ a: ['1'], b: ['2'] });
    const list = deps.due.listDue;
    deps.due.listDue = (asked) => (asked.upstream === 'a' ? Promise.reject(new Error('down')) : list(asked));
    expect(await sweepCredentials(deps, {})).toMatchObject({ unfinished: true, outcomes: { refreshed: 1 } });
    expect(world.refreshed).toEqual(['2']);
  });
});
