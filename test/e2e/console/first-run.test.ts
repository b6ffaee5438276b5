import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { logIn, startBrowser } from '../../support/browser.ts';
import { onPage, open } from '../../support/console-pages.ts';
import { keepOutOfLogs } from '../../support/log-secrets.ts';
import { sharedStack } from '../../support/stack.ts';

const ready = sharedStack();
let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

test('from the first login to a key, a streamed answer and its entry in the log', async () => {
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, ready.admin);
    await page.getByRole('link', { name: 'Make a key' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('first run');
    await page.getByRole('dialog').getByRole('button', { name: 'Make a key' }).click();
    const secret = await page.getByRole('dialog').locator('code, pre').first().innerText();
    keepOutOfLogs('a key of the console', secret);
    expect(secret).toMatch(/^sk-sluice1-/);
    await page.getByRole('dialog').getByRole('button', { name: /saved/i }).click();

    await open(page, 'Playground');
    await page.getByLabel('Message').fill('Tell me about rivers');
    await page.keyboard.press('Enter');
    const log = page.getByRole('log');
    await log.getByText('See it in the log').waitFor();
    expect((await log.innerText()).length).toBeGreaterThan('Tell me about rivers'.length + 20);

    await log.getByText('See it in the log').click();
    await page.getByRole('dialog', { name: 'Request' }).waitFor();
  });
}, 120_000);
