import * as fc from 'fast-check';
import type { UpstreamFailure } from '../../../layers/core/credentials/cooldown.ts';
import { createPool, type Pool } from '../../../layers/core/credentials/pool.ts';
import { createWarmPlaces } from '../../../layers/core/credentials/warm-places.ts';
import type { Candidate } from '../../../layers/core/relay/candidates.ts';
import type { Exchange } from '../../../layers/core/relay/exchange.ts';
import { createQueue } from '../../../layers/core/relay/queue.ts';
import type { Plan } from '../../../layers/core/relay/route.ts';
import type { RequestFacts } from '../../../layers/llm/formats/wire-format.ts';
import { createMemoryPoolStates, type MemoryPoolStates } from '../../support/memory-pool-states.ts';

/** What one upstream account does from a time on, until its next entry. */
type Mood = 'well' | 'limited' | 'refused' | 'spent' | 'overloaded' | 'unreachable' | 'failing' | 'hanging';

/** Moods that come to an end at any time; `refused` and `spent` stay, and `limited` ends when it says. */
const PASSING: readonly Mood[] = ['overloaded', 'unreachable', 'failing', 'hanging'];
/** Calls that may have cost something: at most two accounts at a time are so, since a request asks three of them. */
const DEAR: readonly Mood[] = ['failing', 'hanging'];

interface Entry {
  at: number;
  mood: Mood;
}

interface Script {
  accounts: Entry[][];
  /** Times of requests, each at one of three processes. */
  requests: { at: number; process: number; seed: number }[];
}

const END = 600_000;
const times = fc.integer({ min: 0, max: END });
const moods = (index: number): fc.Arbitrary<Mood> =>
  fc.constantFrom<Mood[]>(
    'well',
    'well',
    'limited',
    'overloaded',
    'unreachable',
    ...(index < 2 ? DEAR : []),
    ...(index > 0 ? (['refused', 'spent'] as const) : []),
  );
const scripts: fc.Arbitrary<Script> = fc.record({
  accounts: fc
    .integer({ min: 1, max: 5 })
    .chain((count) =>
      fc.tuple(
        ...Array.from({ length: count }, (_, index) =>
          fc.array(fc.record({ at: times, mood: moods(index) }), { maxLength: 8 }).map(inOrder),
        ),
      ),
    ),
  requests: fc
    .array(fc.record({ at: times, process: fc.nat(2), seed: fc.nat() }), { minLength: 1, maxLength: 80 })
    .map((requests) => requests.toSorted((left, right) => left.at - right.at)),
});

function inOrder(entries: Entry[]): Entry[] {
  const sorted = entries.toSorted((left, right) => left.at - right.at);
  const last = sorted.findIndex(({ mood }) => mood === 'refused' || mood === 'spent');
  return last < 0 ? sorted : sorted.slice(0, last + 1);
}

function entryAt(account: readonly Entry[], now: number): Entry & { end: number } {
  const index = account.findLastIndex(({ at }) => at <= now);
  const entry = account[index] ?? { at: 0, mood: 'well' as const };
  return { ...entry, end: account[index + 1]?.at ?? END + 1 };
}

/** What a call to the account ends in at that time; null = an answer. */
function failureAt(account: readonly Entry[], now: number): UpstreamFailure | null {
  const { mood, end } = entryAt(account, now);
  const status = (code: number, headers = {}, body = '{}'): UpstreamFailure => ({
    kind: 'status',
    status: code,
    headers,
    body: Buffer.from(body),
  });
  switch (mood) {
    case 'well':
      return null;
    case 'limited':
      return status(429, { 'retry-after-ms': String(end - now) });
    case 'refused':
      return status(401);
    case 'spent':
      return status(429, {}, '{"error":{"code":"insufficient_quota"}}');
    case 'overloaded':
      return status(529);
    case 'failing':
      return status(500);
    case 'unreachable':
      return { kind: 'unreachable' };
    case 'hanging':
      return { kind: 'timed-out' };
  }
}

function candidateOf(index: number): Candidate {
  return {
    upstream: 'up',
    model: 'm',
    credential: `c${index}`,
    credentialId: `crd_${index}`,
    secretDigest: '',
    routePriority: 0,
    routeWeight: 1,
    tier: 'basic',
    priority: 0,
    weight: 1,
    address: { url: new URL('http://localhost'), headers: {} },
    proxyUrl: null,
  } as unknown as Candidate;
}

interface World {
  now: number;
  states: MemoryPoolStates;
  pools: Pool[];
  candidates: Candidate[];
  calls: number[];
}

function createWorld(script: Script): World {
  const states = createMemoryPoolStates();
  const world: World = {
    now: 0,
    states,
    pools: [],
    calls: [],
    candidates: script.accounts.map((_, i) => candidateOf(i)),
  };
  const deps = {
    poolStates: states,
    clock: () => world.now,
    scheduler: { monotonicMs: () => world.now },
    logger: { warn: () => undefined },
  };
  world.pools = [0, 1, 2].map(() => createPool(deps));
  return world;
}

/** One request through the real queue and the real pool: true when somebody answered it. */
async function serve(world: World, script: Script, request: Script['requests'][number], id: string): Promise<boolean> {
  const pool = world.pools[request.process]!;
  await pool.load(['up']);
  const exchange = {
    requestId: id,
    request: { body: Buffer.alloc(0), headers: {} },
    format: { readConversation: () => String(request.seed) },
  } as unknown as Exchange;
  const plan = { candidates: world.candidates, model: { routes: [], price: null } } as unknown as Plan;
  const facts = { model: 'm' } as RequestFacts;
  const warmPlaces = createWarmPlaces({ clock: () => world.now });
  const queue = createQueue({ pool, warmPlaces, clock: () => world.now, random: () => 0 }, { exchange, plan, facts });
  let calls = 0;
  for (;;) {
    const next = await queue.next();
    if (next === null) break;
    calls += 1;
    const failure = failureAt(script.accounts[world.candidates.indexOf(next.candidate)]!, world.now);
    if (failure === null) {
      await pool.succeeded(next.use);
      world.calls.push(calls);
      return true;
    }
    await pool.failed(next.use, failure);
    queue.count(failure);
  }
  world.calls.push(calls);
  return false;
}

describe('a pool through any script of failures', () => {
  it('serves every request for which some account is well, and only those', async () => {
    let served = 0;
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(scripts, async (script) => {
        const world = createWorld(script);
        for (const [index, request] of script.requests.entries()) {
          world.now = request.at;
          const isSomebodyWell = script.accounts.some((account) => failureAt(account, request.at) === null);
          const wasServed = await serve(world, script, request, `request-${index}`);
          expect({ at: request.at, wasServed }).toEqual({ at: request.at, wasServed: isSomebodyWell });
          if (wasServed) served += 1;
          else refused += 1;
        }
      }),
      { numRuns: 500 },
    );
    expect(served).toBeGreaterThan(1_000);
    expect(refused).toBeGreaterThan(100);
  });

  it('asks at most one in vain who said itself when to come back, and writes only when something changes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 10, max: 60 }), async (accounts, requests) => {
        const limited: Entry[] = [
          { at: 0, mood: 'limited' },
          { at: END, mood: 'well' },
        ];
        const script: Script = {
          accounts: Array.from({ length: accounts }, () => limited),
          requests: Array.from({ length: requests }, (_, index) => ({ at: index * 5_000, process: 0, seed: index })),
        };
        const world = createWorld(script);
        for (const [index, request] of script.requests.entries()) {
          world.now = request.at;
          await serve(world, script, request, `request-${index}`);
        }
        expect(world.calls[0]).toBe(accounts);
        expect(world.calls.slice(1)).toEqual(Array<number>(requests - 1).fill(1));
        expect(world.states.counts.writes).toBe(accounts);
      }),
      { numRuns: 30 },
    );
  });

  it('comes to rest: an account that is well again is asked by everybody once one probe has proven it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...PASSING, 'limited' as const), async (mood) => {
        const script: Script = {
          accounts: [
            [
              { at: 0, mood },
              { at: 60_000, mood: 'well' },
            ],
            [],
          ],
          requests: Array.from({ length: 240 }, (_, index) => ({ at: index * 2_500, process: index % 3, seed: index })),
        };
        const world = createWorld(script);
        for (const [index, request] of script.requests.entries()) {
          world.now = request.at;
          await serve(world, script, request, `request-${index}`);
        }
        expect([...world.states.rows.values()].every(({ failures }) => failures === 0)).toBe(true);
        expect(world.states.changes.at(-1)).toMatchObject({ from: 'probing', to: 'active' });
        expect(world.calls.slice(-30)).toEqual(Array<number>(30).fill(1));
      }),
    );
  });
});
