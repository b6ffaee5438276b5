import { randomBytes } from 'node:crypto';
import { createSignedTableClient } from '../../../layers/aws/signed-table-client.ts';
import { createContentStore } from '../../../layers/aws/tables/content.ts';
import type { ChatSession, ContentStore, StoredResponse } from '../../../layers/core/content/store.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const DAY = 86_400_000;
const ABOUT = { model: 'm', title: 'Hello', turns: 1 };

function aResponse(change: Partial<StoredResponse> = {}): StoredResponse {
  const times = { createdAt: NOW, expiresAt: NOW + DAY };
  return { id: 'resp_1', ownerId: 'usr_a', ...times, input: '[{"a":1.0}]', response: '{"id":"resp_1"}', ...change };
}

function aSession(change: Partial<ChatSession> = {}): ChatSession {
  const times = { createdAt: NOW, updatedAt: NOW, expiresAt: NOW + DAY };
  return { id: 'chat_1', ownerId: 'usr_a', ...times, messages: [{ role: 'user', content: 'Hello' }], ...change };
}

describe('the content table', () => {
  let embedded: EmbeddedTables;
  let store: ContentStore;
  beforeAll(async () => {
    embedded = await startEmbeddedTables();
    store = createContentStore(createSignedTableClient({ aws: embedded.aws }), embedded.tables.content);
  });
  afterAll(() => embedded.close());

  it('gives a response back as it was written, to its owner and to nobody else', async () => {
    expect(await store.putResponse(aResponse(), ABOUT)).toBe(true);
    expect(await store.findResponse('usr_a', 'resp_1', NOW)).toEqual(aResponse());
    expect(await store.findResponse('usr_b', 'resp_1', NOW)).toBeNull();
    expect(await store.deleteResponse('usr_b', 'resp_1')).toBe(false);
    expect(await store.deleteResponse('usr_a', 'resp_1')).toBe(true);
    expect(await store.deleteResponse('usr_a', 'resp_1')).toBe(false);
    expect(await store.findResponse('usr_a', 'resp_1', NOW)).toBeNull();
  });

  it('gives back nothing whose time is over, whether it was collected or not', async () => {
    await store.putResponse(aResponse({ id: 'resp_old' }), ABOUT);
    expect(await store.findResponse('usr_a', 'resp_old', NOW + DAY)).toBeNull();
    await store.putSession(aSession({ id: 'chat_old' }), ABOUT);
    expect(await store.findSession('usr_a', 'chat_old', NOW + DAY)).toBeNull();
    expect(await store.listSessions('usr_a', NOW + DAY)).toEqual([]);
  });

  it('says so when something is too large for an item, and writes nothing', async () => {
    const large = aResponse({ id: 'resp_large', response: JSON.stringify(randomBytes(600_000).toString('base64')) });
    expect(await store.putResponse(large, ABOUT)).toBe(false);
    expect(await store.findResponse('usr_a', 'resp_large', NOW)).toBeNull();
  });

  it('lists a user’s own sessions, the latest first, without what was said', async () => {
    await store.putSession(aSession({ id: 'chat_1', ownerId: 'usr_c' }), ABOUT);
    await store.putSession(aSession({ id: 'chat_2', ownerId: 'usr_c', updatedAt: NOW + 1 }), ABOUT);
    const { messages: _messages, ...facts } = aSession({ id: 'chat_2', ownerId: 'usr_c', updatedAt: NOW + 1 });
    const listed = await store.listSessions('usr_c', NOW + 2);
    expect(listed.map(({ id }) => id)).toEqual(['chat_2', 'chat_1']);
    expect(listed[0]).toEqual(facts);
    expect(await store.deleteSession('usr_c', 'chat_2')).toBe(true);
    expect(await store.listSessions('usr_c', NOW + 2)).toHaveLength(1);
  });

  it('overwrites a session with its next turn', async () => {
    const session = aSession({ id: 'chat_turns', ownerId: 'usr_d' });
    await store.putSession(session, ABOUT);
    const next = { ...session, messages: [...session.messages, { role: 'assistant' as const, content: 'Hi' }] };
    await store.putSession(next, ABOUT);
    expect(await store.findSession('usr_d', 'chat_turns', NOW)).toEqual(next);
  });
});
