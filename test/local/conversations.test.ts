import { beforeAll, expect, test } from '@jest/globals';
import { adminClient, marker, openAiClient, postJson, type AdminClient } from '../support/gateway.ts';
import { sharedStack } from '../support/stack.ts';

/* Conversations that the relay kept, as the control plane's function reads and deletes them under its own grants. */

interface Listed {
  kind: 'session' | 'response';
  id: string;
  title: string | null;
  turns: number;
}

const ready = sharedStack();
let admin: AdminClient;
beforeAll(async () => {
  admin = await adminClient(ready);
});

async function find(title: string): Promise<Listed | undefined> {
  const { status, body } = await admin.call('GET', '/api/conversations?limit=50');
  expect(status).toBe(200);
  return (body as { data: { conversations: Listed[] } }).data.conversations.find((one) => one.title === title);
}

async function keepSession(text: string): Promise<void> {
  const asked = { model: 'sandbox-chat', message: text };
  const { status } = await postJson(`${ready.url}/api/chat`, asked, { authorization: `Bearer ${ready.apiKey}` });
  expect(status).toBe(200);
}

async function keepResponse(text: string): Promise<void> {
  await openAiClient(ready).responses.create({ model: 'sandbox-chat', input: text });
}

test.each([
  ['session', keepSession],
  ['response', keepResponse],
] as const)('a kept %s is listed, read with what was said, and gone when it is deleted', async (kind, keep) => {
  const text = `locks ${marker()}`;
  await keep(text);
  const listed = await find(text);
  expect(listed).toMatchObject({ kind, turns: 1 });
  const path = `/api/conversations/${kind}/${listed?.id}`;

  const read = await admin.call('GET', path);
  expect(read.status).toBe(200);
  const { turns } = (read.body as { data: { turns: { role: string; parts: object[] }[] } }).data;
  expect(turns.map(({ role }) => role)).toEqual(['user', 'assistant']);
  expect(turns[0]?.parts).toEqual([{ type: 'text', text }]);

  expect((await admin.call('DELETE', path)).status).toBe(200);
  expect((await admin.call('GET', path)).status).toBe(404);
  expect(await find(text)).toBeUndefined();
});
