import { createPool, PROBE_LEASE_MS, type Pool, type PoolMember } from '../../../layers/core/credentials/pool.ts';
import type { UpstreamFailure } from '../../../layers/core/credentials/cooldown.ts';
import { ALL_MODELS } from '../../../layers/core/credentials/pool-state.ts';
import { createMemoryPoolStates, type MemoryPoolStates } from '../../support/memory-pool-states.ts';

const MEMBER: PoolMember = { upstream: 'up', credentialId: 'crd_a', model: 'm', secretDigest: 'd' };

function limited(seconds: number): UpstreamFailure {
  return { kind: 'status', status: 429, headers: { 'retry-after': String(seconds) }, body: Buffer.alloc(0) };
}

const refused: UpstreamFailure = { kind: 'status', status: 401, headers: {}, body: Buffer.alloc(0) };

/** Several relay processes on one store and one clock. */
function createProcesses(count: number): { now: { ms: number }; states: MemoryPoolStates; pools: Pool[] } {
  const states = createMemoryPoolStates();
  const now = { ms: 1_000_000 };
  const clock = (): number => now.ms;
  const logger = { warn: () => undefined };
  const pools = Array.from({ length: count }, () =>
    createPool({ poolStates: states, clock, scheduler: { monotonicMs: clock }, logger }),
  );
  return { now, states, pools };
}

async function rest(pool: Pool, seconds: number, who = 'first'): Promise<void> {
  await pool.failed((await pool.begin(MEMBER, 'ready', who))!, limited(seconds));
}

const loadAll = (pools: Pool[]): Promise<unknown> => Promise.all(pools.map((pool) => pool.load(['up'])));

describe('the pool over several processes', () => {
  it('gives a probe to exactly one of many that ask at once with the same knowledge', async () => {
    const { now, states, pools } = createProcesses(20);
    await rest(pools[0]!, 30);
    now.ms += 30_000;
    await loadAll(pools);
    expect(pools.map((pool) => pool.healthOf(MEMBER).kind)).toEqual(Array(20).fill('half-open'));
    const uses = await Promise.all(pools.map((pool, index) => pool.begin(MEMBER, 'probe', `request-${index}`)));
    expect(uses.filter((use) => use !== null)).toHaveLength(1);
    expect(pools.map((pool) => pool.healthOf(MEMBER).kind)).toEqual(Array(20).fill('resting'));
    expect(states.counts.writes).toBe(2);
  });

  it('gives it to exactly one again when the first holder never came back', async () => {
    const { now, pools } = createProcesses(3);
    await rest(pools[0]!, 30);
    now.ms += 30_000;
    await loadAll(pools);
    expect(await pools[0]!.begin(MEMBER, 'probe', 'dies')).not.toBeNull();
    now.ms += PROBE_LEASE_MS;
    await loadAll(pools);
    const uses = await Promise.all(pools.map((pool, index) => pool.begin(MEMBER, 'probe', `request-${index}`)));
    expect(uses.filter((use) => use !== null)).toHaveLength(1);
  });

  it('counts one rest when processes that know nothing of each other meet the same refusal', async () => {
    const { states, pools } = createProcesses(5);
    await Promise.all(pools.map((pool, index) => rest(pool, 30, `request-${index}`)));
    expect([...states.rows.values()]).toMatchObject([{ failures: 1, version: 1 }]);
    expect(pools.map((pool) => pool.healthOf(MEMBER).kind)).toEqual(Array(5).fill('resting'));
  });

  it('heals what another process wrote meanwhile', async () => {
    const { now, states, pools } = createProcesses(2);
    const [one, two] = pools as [Pool, Pool];
    await rest(one, 30);
    await loadAll(pools);
    const forced = (await one.begin(MEMBER, 'forced', 'lucky'))!;
    now.ms += 1_000;
    await two.failed((await two.begin(MEMBER, 'forced', 'unlucky'))!, limited(60));
    expect([...states.rows.values()]).toMatchObject([{ version: 2 }]);
    await one.succeeded(forced);
    expect([...states.rows.values()]).toMatchObject([{ failures: 0, version: 3 }]);
    now.ms += 3_000;
    await loadAll(pools);
    expect(two.healthOf(MEMBER)).toEqual({ kind: 'ready' });
  });

  it('does not take an answer to a call that began before the rest for a recovery', async () => {
    const { states, pools } = createProcesses(1);
    const [pool] = pools as [Pool];
    const early = (await pool.begin(MEMBER, 'ready', 'early'))!;
    await rest(pool, 30);
    await pool.succeeded(early);
    expect(pool.healthOf(MEMBER).kind).toBe('resting');
    expect(states.counts.writes).toBe(1);
  });

  it('rests longer each time a probe fails, and as short as ever after a success', async () => {
    const { now, states, pools } = createProcesses(1);
    const [pool] = pools as [Pool];
    const bare: UpstreamFailure = { kind: 'status', status: 529, headers: {}, body: Buffer.alloc(0) };
    const restMs = async (mode: 'ready' | 'probe', who: string): Promise<number> => {
      await pool.failed((await pool.begin(MEMBER, mode, who))!, bare);
      const [state] = [...states.rows.values()];
      const ms = state!.until - now.ms;
      now.ms += ms;
      return ms;
    };
    expect(await restMs('ready', 'r0')).toBe(2_000);
    expect([await restMs('probe', 'r1'), await restMs('probe', 'r2')]).toEqual([4_000, 8_000]);
    await pool.succeeded((await pool.begin(MEMBER, 'probe', 'r3'))!);
    expect(pool.healthOf(MEMBER)).toEqual({ kind: 'ready' });
    expect(await restMs('ready', 'r4')).toBe(2_000);
  });

  it('charges a refused key to all models of the credential, a full minute to the one model', async () => {
    const { pools } = createProcesses(1);
    const [pool] = pools as [Pool];
    const other = { ...MEMBER, model: 'other' };
    await rest(pool, 30);
    expect([pool.healthOf(MEMBER).kind, pool.healthOf(other).kind]).toEqual(['resting', 'ready']);
    await pool.failed((await pool.begin(other, 'ready', 'r'))!, refused);
    expect(pool.healthOf({ ...MEMBER, model: 'third' })).toMatchObject({ reason: 'credential_invalid' });
    expect(pool.healthOf({ ...MEMBER, credentialId: 'crd_b' })).toEqual({ kind: 'ready' });
  });

  it('lets a credential go when its probe fails for another reason, and rests the model', async () => {
    const { now, states, pools } = createProcesses(1);
    const [pool] = pools as [Pool];
    await pool.failed((await pool.begin(MEMBER, 'ready', 'r0'))!, refused);
    now.ms += 60_000;
    await pool.failed((await pool.begin(MEMBER, 'probe', 'r1'))!, limited(30));
    expect([...states.rows.values()]).toMatchObject([
      { model: ALL_MODELS, failures: 0 },
      { model: 'm', failures: 1, reason: 'rate_limited' },
    ]);
  });

  it('needs failures in a row: a success between them begins anew', async () => {
    const { states, pools } = createProcesses(1);
    const [pool] = pools as [Pool];
    const hang = async (): Promise<void> => {
      await pool.failed((await pool.begin(MEMBER, 'ready', 'r'))!, { kind: 'timed-out' });
    };
    await hang();
    await pool.succeeded((await pool.begin(MEMBER, 'ready', 'r'))!);
    await hang();
    expect(states.rows.size).toBe(0);
    await hang();
    expect([...states.rows.values()]).toMatchObject([{ reason: 'timed_out' }]);
  });
});
