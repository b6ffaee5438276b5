import { createSignedTableClient } from '../../../layers/aws/signed-table-client.ts';
import type { TableClient } from '../../../layers/aws/table-client.ts';
import { createSessionStore } from '../../../layers/aws/tables/sessions.ts';
import type { RefreshState, Session, SessionStore } from '../../../layers/core/identity/session-store.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';
import { aSession, createMemorySessions } from '../../support/memory-sessions.ts';

let embedded: EmbeddedTables;
let client: TableClient;
let stores: Record<'embedded' | 'memory', SessionStore>;
beforeAll(async () => {
  embedded = await startEmbeddedTables();
  client = createSignedTableClient({ aws: embedded.aws });
  stores = { embedded: createSessionStore(client, embedded.tables.identity), memory: createMemorySessions() };
});
afterAll(async () => {
  await client.close();
  await embedded.close();
});

const REFRESH: RefreshState = { seedVersion: 'v1', salt: 'ab', generation: 1, rotatedAt: 1_000, expiresAt: 9_000 };
const COOKIE = { digest: 'digest', expiresAt: 5_000 };
let made = 0;
function newSession(change: Partial<Session> = {}): Session {
  made += 1;
  const id = `ses_${String(made).padStart(16, 'a')}`;
  return aSession({ id, createdAt: made, cookie: COOKIE, refresh: REFRESH, userAgent: 'x', ...change });
}

describe.each(['embedded', 'memory'] as const)('sessions in the %s store', (which) => {
  async function stored(change: Partial<Session> = {}): Promise<{ store: SessionStore; session: Session }> {
    const session = newSession(change);
    await stores[which].create(session);
    return { store: stores[which], session };
  }

  it('are found as they were made, until they end', async () => {
    const { store, session } = await stored();
    expect(await store.find(session.id)).toEqual(session);
    await store.end(session.id);
    expect(await store.find(session.id)).toBeNull();
    await store.end(session.id);
  });

  it('rotate from the generation that stands, and tell what stands instead', async () => {
    const { store, session } = await stored();
    const next = { ...REFRESH, generation: 2, rotatedAt: 2_000 };
    expect(await store.rotate(session.id, 1, next)).toEqual({ rotated: true });
    const rotated = { ...session, refresh: next, lastUsedAt: 2_000 };
    expect(await store.rotate(session.id, 1, { ...next, salt: 'other' })).toEqual({ rotated: false, current: rotated });
    expect(await store.find(session.id)).toEqual(rotated);
  });

  it('are rotated by one of twenty at once', async () => {
    const { store, session } = await stored();
    const next = { ...REFRESH, generation: 2 };
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => store.rotate(session.id, 1, next)));
    expect(outcomes.filter(({ rotated }) => rotated)).toHaveLength(1);
  });

  it('keep the later end of a cookie, and have none where there was none', async () => {
    const { store, session } = await stored();
    const { store: same, session: bare } = await stored({ cookie: null });
    await store.extendCookie(session.id, { ...COOKIE, expiresAt: 8_000 }, 3_000);
    await store.extendCookie(session.id, { ...COOKIE, expiresAt: 7_000 }, 4_000);
    await same.extendCookie(bare.id, COOKIE, 3_000);
    expect(await store.find(session.id)).toMatchObject({ cookie: { expiresAt: 8_000 }, lastUsedAt: 3_000 });
    expect(await same.find(bare.id)).toEqual(bare);
  });

  it('that have ended are not brought back by a write that was under way', async () => {
    const { store, session } = await stored();
    await store.end(session.id);
    expect(await store.rotate(session.id, 1, { ...REFRESH, generation: 2 })).toEqual({ rotated: false, current: null });
    await store.extendCookie(session.id, { ...COOKIE, expiresAt: 8_000 }, 3_000);
    await store.keep(session.id, 7);
    expect(await store.find(session.id)).toBeNull();
  });

  it('are kept under a later stamp', async () => {
    const { store, session } = await stored();
    await store.keep(session.id, 7);
    expect(await store.find(session.id)).toEqual({ ...session, validAfter: 7 });
  });

  it('are listed by user, the newest first, so many and no more', async () => {
    const userId = `usr_list_${which}`;
    const sessions = [(await stored({ userId })).session, (await stored({ userId })).session];
    await stored();
    const third = (await stored({ userId })).session;
    expect(await stores[which].listOfUser(userId, 2)).toEqual([third, sessions[1]]);
    expect(await stores[which].listOfUser('usr_nobody', 2)).toEqual([]);
  });
});

it('a session is listed by its index, not by looking at every item', async () => {
  embedded.calls.length = 0;
  await stores.embedded.listOfUser('usr_1', 10);
  expect(embedded.calls.map((call) => call.operation)).toEqual(['Query']);
});

it('a session’s item is collected a week after its last use at the earliest', async () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  const session = newSession({ createdAt: now });
  await stores.embedded.create(session);
  const item = await client.get({
    table: embedded.tables.identity,
    key: { pk: `session#${session.id}`, sk: 'session' },
    consistent: true,
  });
  expect(item?.['ttl']).toBe(now / 1000 + 7 * 24 * 3600);
});
