import { createSignedTableClient } from '../../../layers/aws/signed-table-client.ts';
import { createContentStore } from '../../../layers/aws/tables/content.ts';
import { createConversationStore } from '../../../layers/aws/tables/conversations.ts';
import type { TableClient } from '../../../layers/aws/table-client.ts';
import type { ContentStore, ConversationStore } from '../../../layers/core/content/store.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const DAY = 86_400_000;
const ABOUT = { model: 'gpt', title: 'Why is the sky blue?', turns: 1 };

let embedded: EmbeddedTables;
let client: TableClient;
let content: ContentStore;
let conversations: ConversationStore;
beforeAll(async () => {
  embedded = await startEmbeddedTables();
  client = createSignedTableClient({ aws: embedded.aws });
  content = createContentStore(client, embedded.tables.content);
  conversations = createConversationStore(client, embedded.tables.content);
});
afterAll(() => embedded.close());

async function keepResponse(ownerId: string, id: string, createdAt = NOW): Promise<void> {
  const times = { createdAt, expiresAt: createdAt + DAY };
  await content.putResponse({ id, ownerId, ...times, input: '[]', response: '{}' }, ABOUT);
}

async function keepSession(ownerId: string, id: string, createdAt = NOW, updatedAt = createdAt): Promise<void> {
  const times = { createdAt, updatedAt, expiresAt: updatedAt + DAY };
  await content.putSession({ id, ownerId, ...times, messages: [{ role: 'user', content: 'Hi' }] }, ABOUT);
}

const listAll = async (ownerId: string, kind: 'session' | 'response' | null = null, limit = 50, nowMs = NOW) => {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<ConversationStore['list']>> = await conversations.list(ownerId, {
      kind,
      limit,
      cursor,
      nowMs,
    });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return ids;
};

describe('the list of conversations', () => {
  it('has both kinds of its owner, the last begun first, page by page, without one twice', async () => {
    for (let at = 0; at < 7; at += 1) {
      await (at % 2 === 0 ? keepResponse : keepSession)('usr_a', `id_${at}`, NOW + at);
    }
    await keepResponse('usr_b', 'other');
    const all = ['id_6', 'id_5', 'id_4', 'id_3', 'id_2', 'id_1', 'id_0'];
    for (const limit of [1, 3, 7, 50]) expect(await listAll('usr_a', null, limit)).toEqual(all);
    expect(await listAll('usr_a', 'session', 2)).toEqual(['id_5', 'id_3', 'id_1']);
    expect(await listAll('usr_a', 'response', 4)).toEqual(['id_6', 'id_4', 'id_2', 'id_0']);
  });

  it('tells what each is about without its content', async () => {
    await keepSession('usr_c', 'chat_1', NOW, NOW + 5);
    const { items } = await conversations.list('usr_c', { kind: null, limit: 5, cursor: null, nowMs: NOW });
    const told = { kind: 'session', id: 'chat_1', ownerId: 'usr_c', ...ABOUT, bytes: expect.any(Number) };
    const times = { createdAt: NOW, updatedAt: NOW + 5, expiresAt: NOW + 5 + DAY };
    expect(items).toEqual([{ ...told, ...times }]);
    const place = { kind: 'session' as const, id: 'chat_1', createdAt: NOW };
    expect(await conversations.find('usr_c', place)).toEqual(items[0]);
    expect(await conversations.find('usr_b', place)).toBeNull();
  });

  it('has a session once, however many turns it takes', async () => {
    for (const updatedAt of [NOW, NOW + 1, NOW + 2]) await keepSession('usr_d', 'chat_1', NOW, updatedAt);
    expect(await listAll('usr_d')).toEqual(['chat_1']);
  });

  it('has nothing whose time is over, and nothing that was deleted', async () => {
    await keepResponse('usr_e', 'old', NOW);
    await keepResponse('usr_e', 'new', NOW + 1_000);
    expect(await listAll('usr_e', null, 1, NOW + DAY)).toEqual(['new']);
    expect(await content.deleteResponse('usr_e', 'new')).toBe(true);
    expect(await listAll('usr_e', null, 1, NOW + DAY)).toEqual([]);
  });

  it('takes no cursor but its own', async () => {
    for (const cursor of ['nonsense', Buffer.from('conversations usr_b').toString('base64url')]) {
      const listed = conversations.list('usr_a', { kind: null, limit: 5, cursor, nowMs: NOW });
      await expect(listed).rejects.toMatchObject({ code: 'invalid_field' });
    }
  });
});

describe('deleting all of an owner', () => {
  it('takes content and rows, also what no row leads to, and nothing of others', async () => {
    for (let at = 0; at < 30; at += 1) await keepResponse('usr_f', `resp_${at}`, NOW + at);
    await keepSession('usr_f', 'chat_1');
    await keepSession('usr_g', 'chat_1');
    for (const pk of ['response#usr_f', 'session#usr_f']) {
      const item = { pk, sk: 'unlisted', packed: new Uint8Array(10), createdAt: NOW };
      await client.put({ table: embedded.tables.content, item });
    }
    let deleted = 0;
    for (let more = true; more;) {
      const step = await conversations.removeSome('usr_f');
      deleted += step.deleted;
      more = step.hasMore;
    }
    expect(deleted).toBe(33);
    for (const partition of ['conversation#usr_f', 'response#usr_f', 'session#usr_f']) {
      const left = await client.query({
        table: embedded.tables.content,
        keyCondition: 'pk = :pk',
        values: { ':pk': partition },
      });
      expect(left.items).toEqual([]);
    }
    expect(await listAll('usr_g')).toEqual(['chat_1']);
    expect(await content.findSession('usr_g', 'chat_1', NOW)).not.toBeNull();
  });
});
