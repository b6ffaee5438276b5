import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { logIn, startBrowser } from '../../support/browser.ts';
import { onPage, open } from '../../support/console-pages.ts';
import { adminClient, marker } from '../../support/gateway.ts';
import { keepOutOfLogs } from '../../support/log-secrets.ts';
import { sharedStack } from '../../support/stack.ts';

const ready = sharedStack();
const PLAN = `transfer ${marker()}`;
const KEY = `transfer ${marker()}`;

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

test('a document is refused with its places, looked at by entry, written, and comes out again without secrets', async () => {
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, ready.admin);
    await open(page, 'Import and export');
    const document = page.getByRole('textbox', { name: 'Configuration document' });
    await document.fill('{"plans": [}');
    await page.getByRole('button', { name: 'Check the document' }).click();
    await page.getByText('look at line 1, column 12').waitFor();

    const plan = { name: PLAN, plan_type: 'daily', token_limit: 10 };
    const keys = [{ name: KEY, owner: 'admin', models: ['*'] }];
    await page.getByRole('button', { name: 'Start from an example' }).click();
    expect(await document.inputValue()).toContain('"upstreams"');
    await document.fill(JSON.stringify({ plans: [plan], keys }));
    await page.getByRole('button', { name: 'Check the document' }).click();
    await page.getByText('Nothing is written yet.').waitFor();
    await page.getByRole('row', { name: PLAN }).getByText('Created').waitFor();
    const admin = await adminClient(ready);
    expect(JSON.stringify((await admin.call('GET', '/api/admin/plans')).body)).not.toContain(PLAN);

    await page.getByRole('button', { name: 'Import 2 changes' }).click();
    await page.getByText('Imported', { exact: true }).waitFor();
    const secret = (await page.locator('main pre').first().innerText()).trim();
    keepOutOfLogs('a key of the import', secret);
    expect(secret).toMatch(/^sk-/);
    await page.getByRole('button', { name: 'I have saved the keys' }).click();

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as a file' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^sluice-\d{4}-\d\d-\d\d\.json$/);
    const saved = readFileSync(await download.path(), 'utf8');
    expect(saved).toContain(PLAN);
    expect(saved).not.toContain(secret);
    await page.getByText('The file is saved.').waitFor();

    await document.fill(JSON.stringify({ plans: [plan] }));
    await page.getByRole('button', { name: 'Check the document' }).click();
    await page.getByText('There is nothing to do.').waitFor();
    expect(await page.getByRole('button', { name: /^Import \d/ }).isDisabled()).toBe(true);
    await admin.call('DELETE', `/api/admin/plans/${encodeURIComponent(PLAN)}`);
  });
}, 90_000);

test('a document that names what is not there is refused place by place', async () => {
  const context = await browser.newContext({ baseURL: ready.url });
  try {
    const page = await context.newPage();
    await logIn(page, ready.admin);
    await page.goto('/import-export');
    const models = [{ name: 'nowhere', routes: [{ upstream: 'nowhere', model: 'x' }] }];
    await page.getByRole('textbox', { name: 'Configuration document' }).fill(JSON.stringify({ models }));
    await page.getByRole('button', { name: 'Check the document' }).click();
    await page.getByText('models[0].routes[0].upstream').waitFor();
    await page.getByText('Nothing was written.').waitFor();
  } finally {
    await context.close();
  }
}, 60_000);
