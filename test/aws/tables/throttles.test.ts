import { createSignedTableClient } from '../../../layers/aws/signed-table-client.ts';
import type { TableClient } from '../../../layers/aws/table-client.ts';
import { createThrottleStore } from '../../../layers/aws/tables/throttles.ts';
import type { ThrottleStore } from '../../../layers/core/identity/throttle-store.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';
import { createMemoryThrottles } from '../../support/memory-throttles.ts';

let embedded: EmbeddedTables;
let stores: { embedded: ThrottleStore; memory: ThrottleStore };
let client: TableClient;
beforeAll(async () => {
  embedded = await startEmbeddedTables();
  client = createSignedTableClient({ aws: embedded.aws });
  stores = { embedded: createThrottleStore(client, embedded.tables.identity), memory: createMemoryThrottles() };
});
afterAll(async () => {
  await client.close();
  await embedded.close();
});

const NOON = Date.parse('2026-03-01T12:00:00Z');

describe.each(['embedded', 'memory'] as const)('tries counted in the %s store', (which) => {
  it('are let through up to the limit, and then refused until the window ends', async () => {
    const throttle = { name: `one ${which}`, limit: 2, windowSeconds: 60 };
    const take = (afterMs: number) => stores[which].take({ ...throttle, now: NOON + afterMs });
    for (const at of [0, 1_000]) expect(await take(at)).toEqual({ allowed: true, retryAfterSeconds: 0 });
    expect(await take(20_500)).toEqual({ allowed: false, retryAfterSeconds: 40 });
    expect(await take(59_999)).toEqual({ allowed: false, retryAfterSeconds: 1 });
    expect(await take(60_000)).toEqual({ allowed: true, retryAfterSeconds: 0 });
  });

  it('are counted by name: nobody uses up another one’s', async () => {
    const take = (name: string) => stores[which].take({ name, limit: 1, windowSeconds: 60, now: NOON });
    expect((await take(`a ${which}`)).allowed).toBe(true);
    expect((await take(`b ${which}`)).allowed).toBe(true);
    expect((await take(`a ${which}`)).allowed).toBe(false);
  });

  it('are exact when twenty come at once', async () => {
    const throttle = { name: `many ${which}`, limit: 7, windowSeconds: 3_600, now: NOON };
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => stores[which].take(throttle)));
    expect(verdicts.filter((verdict) => verdict.allowed)).toHaveLength(7);
  });

  it('are taken back one by one, never below none, and all at once, in their own window only', async () => {
    const throttle = { name: `back ${which}`, limit: 2, windowSeconds: 60 };
    const store = stores[which];
    const at = (afterMs: number) => ({ ...throttle, now: NOON + afterMs });
    await store.giveBack(at(0));
    await store.take(at(0));
    await store.take(at(1));
    await store.giveBack(at(2));
    expect((await store.take(at(3))).allowed).toBe(true);
    expect((await store.take(at(4))).allowed).toBe(false);
    await store.giveBack(at(60_000));
    await store.clear(at(60_000));
    expect((await store.take(at(5))).allowed).toBe(false);
    await store.clear(at(6));
    expect([(await store.take(at(7))).allowed, (await store.take(at(8))).allowed]).toEqual([true, true]);
    expect((await store.take(at(9))).allowed).toBe(false);
  });

  it('stand beside what is remembered for a while', async () => {
    const name = `known ${which}`;
    expect(await stores[which].remembers(name, NOON)).toBe(false);
    await stores[which].remember(name, NOON + 5);
    expect(await stores[which].remembers(name, NOON + 4)).toBe(true);
    expect(await stores[which].remembers(name, NOON + 5)).toBe(false);
  });

  it('are all refused under a limit of none', async () => {
    const verdict = await stores[which].take({ name: `none ${which}`, limit: 0, windowSeconds: 60, now: NOON });
    expect(verdict).toEqual({ allowed: false, retryAfterSeconds: 60 });
  });
});

it('a name is stored as a digest only', async () => {
  await stores.embedded.take({ name: 'someone@example.com', limit: 1, windowSeconds: 60, now: NOON });
  const { items } = await client.scan({ table: embedded.tables.identity });
  expect(items.length).toBeGreaterThan(0);
  expect(JSON.stringify(items)).not.toContain('someone');
});
