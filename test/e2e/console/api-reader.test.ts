import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { logIn, settled, startBrowser } from '../../support/browser.ts';
import { onPage, open } from '../../support/console-pages.ts';
import { createUser } from '../../support/console-user.ts';
import { sharedStack } from '../../support/stack.ts';

const ready = sharedStack();
let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

test('a reader finds a call, reads who may make it and what it takes, and can send its address on', async () => {
  const user = await createUser(ready, 'reader');
  await onPage({ browser, ready, look: { screen: 'phone', scheme: 'dark', language: 'en' } }, async (page) => {
    await logIn(page, user);
    await page.getByRole('button', { name: 'Open menu' }).click();
    await open(page, 'API documentation');
    await page.getByLabel('Search by path, words or right').fill('settings:manage PUT');
    await page.getByText('1 call', { exact: true }).waitFor();
    await page.getByRole('button', { name: /\/api\/admin\/settings/ }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByText('You do not have it').waitFor();
    expect(await drawer.getByRole('group', { name: 'As curl' }).innerText()).toContain(
      `curl -X PUT ${ready.url}/api/admin/settings`,
    );
    expect(page.url()).toContain('op=putApiAdminSettings');
    await page.reload();
    await settled(page);
    await page.getByRole('dialog').getByText('/api/admin/settings').first().waitFor();
    const tooWide = await page.evaluate('document.documentElement.scrollWidth > window.innerWidth');
    expect(tooWide).toBe(false);
  });
}, 120_000);
