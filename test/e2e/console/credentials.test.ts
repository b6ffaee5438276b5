import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { Browser, Locator, Page } from 'playwright-core';
import { logIn, startBrowser } from '../../support/browser.ts';
import { onPage } from '../../support/console-pages.ts';
import { adminClient } from '../../support/gateway.ts';
import { keepOutOfLogs } from '../../support/log-secrets.ts';
import { sharedStack } from '../../support/stack.ts';

const ready = sharedStack();
const mark = randomBytes(4).toString('hex');
const upstream = `many-${mark}`;
const tag = `tag-${mark}`;
let browser: Browser;

beforeAll(async () => {
  const admin = await adminClient(ready);
  const { status, body } = await admin.call('PUT', `/api/admin/upstreams/${upstream}`, {
    format: 'openai-chat',
    vendor: 'openai-compatible',
    baseUrl: `${ready.sandboxUrl}/v1`,
    oauth: { tokenUrl: `${ready.sandboxUrl}/oauth/token`, clientId: 'sandbox-client' },
  });
  if (status !== 201) throw new Error(`making an upstream answered ${status}: ${JSON.stringify(body)}`);
  browser = await startBrowser();
});
afterAll(async () => {
  await browser.close();
  await (await adminClient(ready)).call('DELETE', `/api/admin/upstreams/${upstream}`);
});

function tokenOf(name: string): string {
  const token = `rt-${mark}-${name}`;
  keepOutOfLogs('a refresh token', token);
  return token;
}

/** What a select offers, by its label. */
async function choose(page: Page, from: Page | Locator, label: string, option: string): Promise<void> {
  await from.getByRole('combobox', { name: label }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

/** Does one thing to everything that is shown, and waits until it is done. */
async function handleAll(page: Page, verb: string): Promise<Locator> {
  await page.getByRole('checkbox', { name: 'Choose all shown' }).check();
  await page.getByRole('toolbar').getByRole('button', { name: verb, exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: verb, exact: true }).click();
  await dialog.getByRole('button', { name: 'Close' }).last().and(page.locator(':enabled')).waitFor();
  return dialog;
}

async function finish(dialog: Locator): Promise<void> {
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await dialog.waitFor({ state: 'detached' });
}

test('lines are imported, enabled, refreshed, tested, disabled and deleted together', async () => {
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, ready.admin);
    await page.goto('/credentials');
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Import keys or tokens' }).click();
    const form = page.getByRole('dialog');
    const good = [tokenOf('one'), tokenOf('two')];
    await form.getByRole('textbox', { name: 'Refresh tokens' }).fill([...good, 'short', '', good[0]].join('\n'));
    await choose(page, form, 'Upstream', upstream);
    await form.getByLabel('Tag (optional)').fill(tag);
    await choose(page, form, 'Proxy', 'None');
    await form.getByRole('button', { name: 'Import 3 lines' }).click();
    await form.getByText('3 of 3 · 2 succeeded · 1 failed').waitFor();
    await form.getByText('1 line stood there twice and was taken once.').waitFor();
    await form.getByText('1 line failed').waitFor();
    expect(await form.innerText()).not.toContain(good[0]);
    await form.getByRole('button', { name: 'Enable them now' }).click();
    await form.getByText('2 of 2 · 2 succeeded · 0 failed').waitFor();
    await finish(form);

    await page.goto(`/credentials?tag=${tag}`);
    await page.getByRole('row').nth(2).waitFor();
    const refreshed = await handleAll(page, 'Refresh');
    await refreshed.getByText('2 of 2 · 2 succeeded · 0 failed').waitFor();
    await finish(refreshed);
    await page
      .getByText(/^Ends in/)
      .first()
      .waitFor();

    const tested = await handleAll(page, 'Test');
    await tested.getByText('Passed').first().waitFor();
    await finish(tested);

    await finish(await handleAll(page, 'Disable'));
    await page.getByText('By an operator').first().waitFor();
    await choose(page, page, 'State', 'Disabled');
    await page.waitForURL(/state=disabled/);

    const deleted = await handleAll(page, 'Delete');
    await deleted.getByText('2 of 2 · 2 succeeded · 0 failed').waitFor();
    await finish(deleted);
    await page.getByText('No credential matches').waitFor();
  });
}, 180_000);

test('every OAuth credential of an upstream is refreshed, and those whose token is refused are told', async () => {
  const admin = await adminClient(ready);
  const refreshTokens = [tokenOf('three'), tokenOf('four--invalid-grant')];
  await admin.call('POST', '/api/admin/credentials/import', { upstream, tag, refreshTokens, proxyUrl: null });
  const { body } = await admin.call('GET', `/api/admin/credentials?upstream=${upstream}`);
  const items = (body['data'] as { id: string }[]).map(({ id }) => ({ upstream, id }));
  await admin.call('POST', '/api/admin/credentials/batch-enable', { items });
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, ready.admin);
    await page.goto('/credentials?dialog=refresh-all');
    const dialog = page.getByRole('dialog');
    await choose(page, dialog, 'Upstream', upstream);
    await dialog.getByRole('button', { name: 'Refresh all' }).click();
    await dialog.getByText('2 looked at · 1 succeeded · 1 failed').waitFor();
    await finish(dialog);
    await page.goto(`/credentials?upstream=${upstream}`);
    await page.getByRole('row').nth(2).waitFor();
    await finish(await handleAll(page, 'Delete'));
    await page.getByText('No credential matches').waitFor();
  });
}, 120_000);

/** Saves a list as text, and agrees to what that does. */
async function saveList(page: Page, label: string, text: string): Promise<void> {
  await page.getByRole('textbox', { name: label }).fill(text);
  await page.getByRole('button', { name: 'Save list' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save list' }).click();
}

test('proxies and client ids are kept as lists, which credentials are spread over', async () => {
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, ready.admin);
    await page.goto('/credentials?tab=proxies');
    await saveList(page, 'Proxies', 'http://someone:secret-word@127.0.0.1:9');
    await page.getByText('All credentials are assigned.').waitFor();
    await page.reload();
    const proxies = page.getByRole('textbox', { name: 'Proxies' });
    await proxies.waitFor();
    expect(await proxies.inputValue()).toBe('http://********@127.0.0.1:9');
    await saveList(page, 'Proxies', '');
    await page.getByText('The list is empty').waitFor();

    await page.getByRole('tab', { name: 'Client ids' }).click();
    await choose(page, page, 'Upstream', upstream);
    await saveList(page, 'Client ids', 'app_one\napp_two');
    await page.getByText('2 in the list').waitFor();
    await saveList(page, 'Client ids', '');
    await page.getByText('The list is empty').waitFor();

    await page.getByRole('tab', { name: 'Running low' }).click();
    await page.getByText('Less is left than').waitFor();
  });
}, 120_000);
