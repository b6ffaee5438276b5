import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { logIn, startBrowser, type Look } from '../../support/browser.ts';
import { onPage } from '../../support/console-pages.ts';
import { createUser } from '../../support/console-user.ts';
import { marker } from '../../support/gateway.ts';
import { sharedStack } from '../../support/stack.ts';

const ready = sharedStack();
let browser: Browser;
/** Ids of requests made here: one that went well, and one that was refused by its upstream. */
let good: string;
let refused: string;

beforeAll(async () => {
  browser = await startBrowser();
  good = await ask('sandbox-chat', 200);
  refused = await ask('sandbox-chat--429', 429);
}, 60_000);
afterAll(() => browser.close());

/** A request with the demo key; the id is told by its answer. */
async function ask(model: string, status: number): Promise<string> {
  const answer = await fetch(`${ready.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ready.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: `Tell me of ${marker()}` }] }),
  });
  await answer.text();
  expect(answer.status).toBe(status);
  return answer.headers.get('x-sluice-request-id') ?? '';
}

const story = (page: Page) => page.getByRole('dialog', { name: 'Request' });

test('charts show what was used, and a row of the table narrows to it', async () => {
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, ready.admin);
    await page.goto('/usage');
    await page.getByRole('img', { name: 'Requests · By model' }).waitFor();
    const table = page.getByRole('table', { name: 'Sums, By model' });
    await table.getByRole('row', { name: /^Total/ }).waitFor();
    await table.getByRole('button', { name: 'sandbox-chat', exact: true }).click();
    await page.getByRole('button', { name: 'Remove the filter Model: sandbox-chat' }).waitFor();
    await page
      .getByRole('table', { name: 'Sums, By key' })
      .getByRole('button', { name: 'demo', exact: true })
      .waitFor();
    expect(page.url()).toContain('model=sandbox-chat');
    await page.getByRole('radiogroup', { name: 'Measure' }).getByText('Cost', { exact: true }).click();
    await page.getByRole('img', { name: 'Cost · By key' }).waitFor();
    await page.getByRole('radiogroup', { name: 'Measure' }).getByText('Latency', { exact: true }).click();
    await page.getByRole('img', { name: 'First byte and whole request' }).waitFor();
  });
}, 120_000);

test('the log is narrowed to failures, their story opens from the list, and the file holds the same rows', async () => {
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, ready.admin);
    await page.goto('/usage?tab=logs');
    await page.getByRole('radiogroup', { name: 'Status' }).getByText('Failed', { exact: true }).click();
    await page.getByRole('button', { name: 'Filters', exact: false }).first().click();
    await page
      .locator('input')
      .and(page.getByLabel('Status', { exact: true }))
      .fill('429');
    await page.getByRole('button', { name: 'Remove the filter Status: 429' }).waitFor();
    const rows = page.getByRole('table', { name: 'Requests' }).getByRole('row');
    await rows.filter({ hasText: 'sandbox-chat--429' }).first().waitFor();
    expect(await rows.filter({ hasText: 'sandbox-chat--429' }).count()).toBe((await rows.count()) - 1);

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download CSV' }).click(),
    ]);
    const [head = '', ...lines] = (await readFile(await download.path(), 'utf8')).trim().split('\n');
    expect(head).toContain('request_id');
    expect(lines.some((line) => line.includes(refused))).toBe(true);
    expect(lines.some((line) => line.includes(good))).toBe(false);

    await rows.nth(1).getByRole('button').first().click();
    await story(page).getByText('rate_limit_exceeded').first().waitFor();
    await page.keyboard.press('Escape');
    await story(page).waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await rows.filter({ hasText: 'sandbox-chat' }).first().waitFor();
  });
}, 120_000);

test.each<Look>([
  { screen: 'desktop', scheme: 'light', language: 'en' },
  { screen: 'phone', scheme: 'dark', language: 'en' },
])(
  'a request opens by its id on a fresh page of a $screen, and tells why it cost what it cost',
  async (look) => {
    await onPage({ browser, ready, look }, async (page) => {
      await logIn(page, ready.admin);
      await page.goto(`/usage?request=${good}&model=another-model`);
      const dialog = story(page);
      await dialog.getByText(good, { exact: true }).waitFor();
      await dialog.getByRole('region', { name: 'Timing' }).getByText('Attempt 1: sandbox').waitFor();
      await dialog.getByRole('region', { name: 'Attempts' }).getByText('1 attempt').waitFor();
      const cost = dialog.getByRole('region', { name: 'Tokens and cost' });
      await cost.getByText(/Charged by version \d+ of the price/).waitFor();
      await cost.getByRole('row', { name: /^Input .*per million/ }).waitFor();
      await dialog.getByRole('button', { name: 'Requests of sandbox-chat' }).click();
      await dialog.waitFor({ state: 'hidden' });
      expect(page.url()).toContain('tab=logs');

      await page.getByLabel('Find a request by its id').fill(refused);
      await page.keyboard.press('Enter');
      await story(page).getByText('What the client got').waitFor();
      await story(page).getByText('HTTP 429').waitFor();
    });
  },
  120_000,
);

test('users see their own usage and limits, and nothing of anybody else’s requests', async () => {
  const user = await createUser(ready, 'usage');
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, user);
    await page.goto('/usage');
    await page.getByText('Nothing used in this time').waitFor();
    expect(await page.getByText('By user').count()).toBe(0);
    await page.getByRole('tab', { name: 'Requests' }).click();
    await page.getByText('No requests yet').waitFor();
    await page.getByRole('tab', { name: 'Limits' }).click();
    await page.getByRole('region', { name: 'What is left' }).waitFor();
  });
  // What is refused the browser itself logs as an error, so nothing is asserted of that here.
  const context = await browser.newContext({ baseURL: ready.url, locale: 'en-US' });
  try {
    const page = await context.newPage();
    await logIn(page, user);
    await page.goto(`/usage?request=${good}`);
    await page.getByText('No such request').waitFor();
    const answer = await page.request.get('/api/usage/stats?scope=all');
    expect(answer.status()).toBe(403);
  } finally {
    await context.close();
  }
}, 120_000);
