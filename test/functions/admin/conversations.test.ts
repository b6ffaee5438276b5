import { beforeEach, describe, expect, it } from '@jest/globals';
import { aboutResponse, aboutSession } from '../../../layers/core/content/conversation-about.ts';
import type { ChatMessage } from '../../../layers/core/content/store.ts';
import type { Json } from '../../../layers/llm/neutral/json.ts';
import { createStage, type Stage } from './support/admin-stage.ts';

const PATH = '/api/conversations';
const DAY = 86_400_000;
let stage: Stage;
let owner: { headers: Record<string, string>; id: string };

beforeEach(async () => {
  stage = createStage();
  owner = await signedIn('user');
});

async function signedIn(
  role: 'user' | 'admin' | 'super_admin',
): Promise<{ headers: Record<string, string>; id: string }> {
  const headers = await stage.as(role);
  const { json } = await stage.call('/api/auth/me', { headers });
  return { headers, id: json.id };
}

const SAID: ChatMessage[] = [
  { role: 'user', content: 'What is  a\nsluice?' },
  { role: 'assistant', content: 'A gate for **water**.' },
];

async function keepSession(id = 'chat_1'): Promise<void> {
  const createdAt = stage.now.ms;
  const session = {
    id,
    ownerId: owner.id,
    createdAt,
    updatedAt: createdAt,
    expiresAt: createdAt + DAY,
    messages: SAID,
  };
  await stage.content.putSession(session, aboutSession(SAID, 'sandbox-chat'));
}

async function keepResponse(input: Json[], output: Json[], id = 'resp_1'): Promise<void> {
  const response = { id, model: 'sandbox-chat', instructions: 'Be brief.', output };
  const createdAt = stage.now.ms;
  await stage.content.putResponse(
    {
      id,
      ownerId: owner.id,
      createdAt,
      expiresAt: createdAt + DAY,
      input: JSON.stringify(input),
      response: JSON.stringify(response),
    },
    aboutResponse(input, response),
  );
}

describe('conversations', () => {
  it('are listed for their owner, with how the last question begins', async () => {
    await keepSession();
    stage.now.ms += 1_000;
    const question = { role: 'user', content: [{ type: 'input_text', text: 'x'.repeat(500) }] };
    await keepResponse([question], []);
    const { json } = await stage.call(PATH, { headers: owner.headers });
    expect(json.data).toMatchObject({ owner: owner.id, next_cursor: null });
    const [response, session] = json.data.conversations;
    expect(response).toMatchObject({ kind: 'response', id: 'resp_1', turns: 1, title: `${'x'.repeat(119)}…` });
    expect(session).toMatchObject({ kind: 'session', model: 'sandbox-chat', turns: 1, title: 'What is a sluice?' });
    expect(session.expires_at).toBe(new Date(stage.now.ms - 1_000 + DAY).toISOString());
    const sessions = await stage.call(`${PATH}?kind=session`, { headers: owner.headers });
    expect(sessions.json.data.conversations.map(({ id }: { id: string }) => id)).toEqual(['chat_1']);
    const first = await stage.call(`${PATH}?limit=1`, { headers: owner.headers });
    const { next_cursor: cursor } = first.json.data;
    const second = await stage.call(`${PATH}?limit=1&cursor=${cursor}`, { headers: owner.headers });
    expect(second.json.data.conversations[0].id).toBe('chat_1');
  });

  it('are read by their owner as turns', async () => {
    await keepSession();
    const { json } = await stage.call(`${PATH}/session/chat_1`, { headers: owner.headers });
    expect(json.data).toMatchObject({ owner: owner.id, model: 'sandbox-chat' });
    expect(json.data.turns).toEqual(
      SAID.map(({ role, content }) => ({ role, parts: [{ type: 'text', text: content }] })),
    );
    for (const path of ['session/other', 'response/chat_1', 'letter/chat_1']) {
      expect((await stage.call(`${PATH}/${path}`, { headers: owner.headers })).status).toBe(404);
    }
  });

  it('show what a response was made of: instructions, pictures, thoughts, calls of tools and their results', async () => {
    await keepResponse(
      [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'What is here?' },
            { type: 'input_image', image_url: 'https://example.com/a.png' },
            { type: 'input_file', filename: 'a.pdf' },
          ],
        },
        { type: 'function_call', name: 'look', arguments: '{"at":"a"}', call_id: 'c1' },
        { type: 'function_call_output', call_id: 'c1', output: 'A cat' },
      ],
      [
        { type: 'reasoning', summary: [{ type: 'summary_text', text: 'It said a cat.' }] },
        { type: 'web_search_call', status: 'completed' },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'A cat.' }] },
        { type: 'image_generation_call', result: 'aGk=' },
      ],
    );
    const { json } = await stage.call(`${PATH}/response/resp_1`, { headers: owner.headers });
    expect(json.data.turns).toEqual([
      { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
      {
        role: 'user',
        parts: [
          { type: 'text', text: 'What is here?' },
          { type: 'image', url: 'https://example.com/a.png' },
          { type: 'other', name: 'input_file' },
        ],
      },
      { role: 'assistant', parts: [{ type: 'tool_call', name: 'look', arguments: '{"at":"a"}' }] },
      { role: 'tool', parts: [{ type: 'tool_result', text: 'A cat' }] },
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'It said a cat.' },
          { type: 'other', name: 'web_search_call' },
          { type: 'text', text: 'A cat.' },
          { type: 'image', url: 'data:image/png;base64,aGk=' },
        ],
      },
    ]);
  });

  it('are deleted by their owner, one by one and all at once', async () => {
    for (const id of ['chat_1', 'chat_2', 'chat_3', 'chat_4']) await keepSession(id);
    const one = { method: 'DELETE', headers: owner.headers };
    expect((await stage.call(`${PATH}/session/chat_1`, one)).status).toBe(200);
    expect((await stage.call(`${PATH}/session/chat_1`, one)).status).toBe(404);
    let deleted = 0;
    for (let more = true; more;) {
      const { json } = await stage.call(PATH, one);
      deleted += json.deleted;
      more = json.has_more;
    }
    expect(deleted).toBe(3);
    expect((await stage.call(PATH, { headers: owner.headers })).json.data.conversations).toEqual([]);
    // What people do to their own is theirs.
    expect(stage.auditStore.entries().filter(({ action }) => action.includes(PATH))).toEqual([]);
  });
});

describe('conversations of others', () => {
  beforeEach(() => keepSession());

  it('are nothing to users', async () => {
    const other = await stage.call(`${PATH}?owner=usr_other`, { headers: owner.headers });
    expect([other.status, other.json.error_code]).toEqual([403, 'FORBIDDEN']);
    for (const method of ['GET', 'DELETE']) {
      const path = `${PATH}/session/chat_1?owner=usr_other`;
      expect((await stage.call(path, { method, headers: owner.headers })).status).toBe(403);
    }
    const all = { method: 'DELETE', headers: owner.headers };
    expect((await stage.call(`${PATH}?owner=usr_other`, all)).status).toBe(403);
  });

  it('are listed for administrators without a word of them', async () => {
    const { headers } = await signedIn('admin');
    const { json, text } = await stage.call(`${PATH}?owner=${owner.id}`, { headers });
    expect(json.data.conversations).toMatchObject([{ id: 'chat_1', model: 'sandbox-chat', title: null, turns: 1 }]);
    expect(text).not.toContain('sluice?');
    expect((await stage.call(PATH, { headers })).json.data.conversations).toEqual([]);
  });

  it('are read by a super administrator alone, and the log tells by whom, and who tried', async () => {
    const path = `${PATH}/session/chat_1?owner=${owner.id}`;
    const admin = await signedIn('admin');
    expect((await stage.call(path, { headers: admin.headers })).status).toBe(403);
    const root = await signedIn('super_admin');
    expect((await stage.call(path, { headers: root.headers })).json.data.turns).toHaveLength(2);
    const entries = stage.auditStore.entries().filter(({ action }) => action === `GET ${PATH}/{kind}/{id}`);
    expect(entries.map(({ actorId, target, outcome }) => [actorId, target, outcome])).toEqual([
      [admin.id, `${owner.id}/session/chat_1`, 'refused'],
      [root.id, `${owner.id}/session/chat_1`, 'succeeded'],
    ]);
    expect(JSON.stringify(stage.auditStore.entries())).not.toContain('water');
  });

  it('are not told when the log cannot be written', async () => {
    const { headers } = await signedIn('super_admin');
    stage.auditStore.append = () => Promise.reject(new Error('the table is away'));
    const { status, text } = await stage.call(`${PATH}/session/chat_1?owner=${owner.id}`, { headers });
    expect(status).toBe(503);
    expect(text).not.toContain('water');
  });

  it('are deleted by administrators, and the log says whose, and not what was said', async () => {
    const { headers } = await signedIn('admin');
    const one = await stage.call(`${PATH}/session/chat_1?owner=${owner.id}`, { method: 'DELETE', headers });
    expect(one.status).toBe(200);
    const entries = stage.auditStore.entries().filter(({ action }) => action.startsWith('DELETE'));
    expect(entries.at(-1)).toMatchObject({ target: `${owner.id}/session/chat_1`, outcome: 'succeeded' });
    await keepSession('chat_2');
    const all = await stage.call(`${PATH}?owner=${owner.id}`, { method: 'DELETE', headers });
    expect(all.json).toMatchObject({ success: true, deleted: 1 });
    expect(stage.auditStore.entries().at(-1)).toMatchObject({ target: owner.id, outcome: 'succeeded' });
    expect(JSON.stringify(stage.auditStore.entries())).not.toContain('water');
  });

  it('go with their user', async () => {
    const { headers } = await signedIn('super_admin');
    expect((await stage.call(`/api/admin/users/${owner.id}`, { method: 'DELETE', headers })).status).toBe(200);
    expect(await stage.content.findSession(owner.id, 'chat_1', stage.now.ms)).toBeNull();
  });
});
