import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { logIn, startBrowser } from '../../support/browser.ts';
import { onPage, open } from '../../support/console-pages.ts';
import { createUser } from '../../support/console-user.ts';
import { marker } from '../../support/gateway.ts';
import { keepOutOfLogs } from '../../support/log-secrets.ts';
import { sharedStack } from '../../support/stack.ts';

const ready = sharedStack();
let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

async function post(path: string, bearer: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(ready.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(bearer === '' ? {} : { authorization: `Bearer ${bearer}` }) },
    body: JSON.stringify(body),
  });
  expect([path, response.ok]).toEqual([path, true]);
  return (await response.json()) as Record<string, unknown>;
}

test('one’s own are listed, filtered, read, gone on from and deleted', async () => {
  const [chat, asked] = [`locks ${marker()}`, `weirs ${marker()}`];
  await post('/api/chat', ready.apiKey, { model: 'sandbox-chat', message: chat });
  await post('/v1/responses', ready.apiKey, { model: 'sandbox-chat', input: asked });
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, ready.admin);
    await open(page, 'Conversations');
    await page.getByRole('button', { name: chat }).waitFor();
    await page.getByText('Responses', { exact: true }).click();
    await page.getByRole('button', { name: chat }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: asked }).click();
    const drawer = page.getByRole('dialog', { name: 'Conversation' });
    const said = drawer.getByRole('log', { name: 'What was said' });
    await said.getByText(asked).waitFor();
    expect(await said.getByRole('article', { name: 'Answer' }).innerText()).toMatch(/\w{3}/);

    await drawer.getByRole('link', { name: 'Go on in the playground' }).click();
    await page.getByRole('button', { name: 'Make a key and begin' }).click();
    const log = page.getByRole('log', { name: 'Conversation' });
    await log.getByText(asked).waitFor();
    await page.getByLabel('Message').fill('And then?');
    await page.keyboard.press('Enter');
    await log.getByText('See it in the log').waitFor();
    expect(await log.getByRole('article').count()).toBe(4);

    await open(page, 'Conversations');
    await page.getByRole('button', { name: asked }).click();
    await drawer.getByRole('button', { name: 'Delete' }).click();
    const sure = page.getByRole('dialog', { name: 'Delete this conversation?' });
    await sure.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: asked }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: chat }).waitFor();
  });
}, 120_000);

test('those of others are shown without a word of them until a super administrator asks, and deleted', async () => {
  const user = await createUser(ready, 'talker');
  const words = `secret plans ${marker()}`;
  const { access_token: token } = await post('/api/auth/login', '', user);
  const { data } = await post('/api/keys', String(token), { name: 'talks' });
  const { key } = data as { key: string };
  keepOutOfLogs('a key of a user', key);
  await post('/api/chat', key, { model: 'sandbox-chat', message: words });
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, ready.admin);
    await open(page, 'Conversations');
    await page.getByRole('combobox', { name: 'Whose conversations' }).fill(user.username);
    await page.getByRole('option', { name: user.username }).click();
    await page.getByRole('button', { name: /^chat_/ }).click();
    expect(await page.getByText(words).count()).toBe(0);
    await page.getByRole('button', { name: 'Read it' }).click();
    await page.getByRole('log', { name: 'What was said' }).getByText(words).waitFor();
    await page.getByText('The audit log has an entry of it.').waitFor();
    await page.getByRole('button', { name: 'Close the conversation' }).click();
    await page.getByRole('button', { name: 'Delete all' }).click();
    const sure = page.getByRole('dialog', { name: 'Delete all conversations?' });
    await sure.getByText(user.username).waitFor();
    await sure.getByRole('button', { name: 'Delete all' }).click();
    await page.getByText('Nothing is kept').waitFor();
  });
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, user);
    await open(page, 'Conversations');
    await page.getByText('Nothing is kept').waitFor();
    expect(await page.getByRole('combobox', { name: 'Whose conversations' }).count()).toBe(0);
  });
}, 120_000);
