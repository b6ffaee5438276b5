import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { logIn, settled, startBrowser } from '../../support/browser.ts';
import { onPage } from '../../support/console-pages.ts';
import { sharedStack } from '../../support/stack.ts';

const ready = sharedStack();
let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

describe('logging in', () => {
  test('whoever asks for a page without being logged in is led to the login and back to that page', async () => {
    await onPage({ browser, ready }, async (page) => {
      await page.goto('/usage?status=failed');
      await page.waitForURL((url) => url.pathname === '/login');
      await page.locator('input[autocomplete="username"]').fill(ready.admin.username);
      await page.locator('input[autocomplete="current-password"]').fill(ready.admin.password);
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.waitForURL((url) => url.pathname === '/usage' && url.searchParams.get('status') === 'failed');
      await settled(page);
    });
  });

  test('a wrong password is told beside the form, and the form keeps the name', async () => {
    await onPage({ browser, ready }, async (page) => {
      await page.goto('/login');
      await page.locator('input[autocomplete="username"]').fill('nobody');
      await page.locator('input[autocomplete="current-password"]').fill('not the password');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').waitFor();
      expect(await page.locator('input[autocomplete="username"]').inputValue()).toBe('nobody');
    });
  });

  test('the language and the colours are switched without leaving the page, and are kept', async () => {
    await onPage({ browser, ready }, async (page) => {
      await logIn(page, ready.admin);
      const title = page.locator('main h1').first();
      const english = await title.innerText();
      await page.getByText('中', { exact: true }).click();
      await page.locator('html[lang="zh-CN"]').waitFor();
      await page.reload();
      await settled(page);
      expect(await title.innerText()).not.toBe(english);
      // From the system's to light to dark.
      const colours = page.getByRole('button', { name: /^配色/ });
      await colours.click();
      await colours.click();
      await page.reload();
      await settled(page);
      expect(await page.locator('html').getAttribute('data-mantine-color-scheme')).toBe('dark');
    });
  });
});
