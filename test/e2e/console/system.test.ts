import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { logIn, settled, startBrowser, visit } from '../../support/browser.ts';
import { onPage, open, titled } from '../../support/console-pages.ts';
import { createUser } from '../../support/console-user.ts';
import { sharedStack } from '../../support/stack.ts';

const ready = sharedStack();
let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

describe('system health', () => {
  test('tells what answers, and runs scheduled work by hand with its report', async () => {
    await onPage({ browser, ready }, async (page) => {
      await logIn(page, ready.admin);
      await open(page, 'System health');
      await page.getByText('Ledger table').waitFor();
      await page.getByText('DynamoDB').waitFor();
      await page.getByRole('button', { name: 'Run now: Sum up usage' }).click();
      const dialog = page.getByRole('dialog', { name: 'Sum up usage' });
      await dialog.getByText('Adds up requests').waitFor();
      expect(new URL(page.url()).searchParams.get('run')).toBe('roll-up-usage');
      await dialog.getByRole('button', { name: 'Run now' }).click();
      await dialog.getByText('Done in').waitFor();
      await dialog.getByText('"closedUntil"').waitFor();
      await dialog.getByRole('button', { name: 'Close' }).last().click();
      await dialog.waitFor({ state: 'detached' });
    });
  }, 120_000);

  test('a run that has to know more is not started before it does', async () => {
    await onPage({ browser, ready }, async (page) => {
      await logIn(page, ready.admin);
      await page.goto('/system?run=replay-usage');
      const dialog = page.getByRole('dialog', { name: 'Prove usage' });
      expect(await dialog.getByRole('button', { name: 'Run now' }).isDisabled()).toBe(true);
      await dialog.getByLabel('From').fill('2026-01-01T00:00');
      await dialog.getByLabel('To').fill('2026-01-01T01:00');
      await dialog.getByRole('button', { name: 'Run now' }).click();
      await dialog.getByText('Done in').waitFor();
    });
  }, 120_000);
});

describe('the frame around the pages', () => {
  test('shows users nothing of the operators: neither in the menu nor under the address', async () => {
    const user = await createUser(ready, 'frame');
    await onPage({ browser, ready }, async (page) => {
      await logIn(page, user);
      const menu = page.getByRole('navigation', { name: 'Main menu' });
      await menu.getByRole('link', { name: 'Keys' }).waitFor();
      expect(await menu.getByRole('link', { name: 'System health' }).count()).toBe(0);
      for (const path of ['/system', '/settings', '/no/such/page']) {
        await page.goto(path);
        await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
        await menu.getByRole('link', { name: 'Keys' }).waitFor();
      }
    });
  }, 120_000);

  test('names the tab after the page and the language, skips to the content, and begins new pages at their beginning', async () => {
    await onPage({ browser, ready }, async (page) => {
      await logIn(page, ready.admin);
      await titled(page, 'Overview · Sluice');
      await page.goto('/keys');
      await settled(page);
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.activeElement.id')).toBe('content');
      await open(page, 'System health');
      await page.getByText('Ledger table').waitFor();
      await titled(page, 'System health · Sluice');
      expect(await page.evaluate('document.activeElement.id')).toBe('content');
      await page.getByText('中', { exact: true }).click();
      await titled(page, '系统状态 · Sluice');
    });
  }, 120_000);
});

describe('before the login', () => {
  test('closed registration is told in place of the form', async () => {
    const context = await visit(browser, ready);
    try {
      const page = await context.newPage();
      const refusal = { success: false, error: 'Registration is closed.', error_code: 'registration_closed' };
      await page.route('**/api/auth/register', (route) => route.fulfill({ status: 403, json: refusal }));
      await page.goto('/register');
      await page.getByLabel('E-mail address').fill('jo@example.com');
      await page.getByLabel('Password', { exact: true }).fill('long enough 1');
      await page.getByRole('button', { name: 'Create account' }).click();
      await page.getByRole('heading', { name: 'Registration is closed' }).waitFor();
      await page.getByRole('button', { name: 'Go to the login' }).click();
      await page.waitForURL('**/login');
    } finally {
      await context.close();
    }
  }, 60_000);

  test('whoever was given a password chooses their own before they see any page, and goes on to the one they wanted', async () => {
    const user = await createUser(ready, 'given');
    await onPage({ browser, ready }, async (page) => {
      // The stack of the tests does not ask for it, because its administrator would be asked too.
      let isChanged = false;
      await page.route('**/api/auth/me', async (route) => {
        const response = await route.fetch();
        if (!response.ok()) return route.fulfill({ response });
        const me = (await response.json()) as object;
        return route.fulfill({ response, json: { ...me, must_change_password: !isChanged } });
      });
      page.on('response', (response) => {
        if (response.url().endsWith('/change-password') && response.ok()) isChanged = true;
      });
      await logIn(page, user);
      await page.getByRole('heading', { name: 'Choose your own password' }).waitFor();
      await page.goto('/keys');
      await page.waitForURL((url) => url.pathname === '/change-password');
      await page.getByLabel('The password you were given').fill(user.password);
      await page.getByLabel('New password', { exact: true }).fill(`${user.password}-mine`);
      await page.getByLabel('The same password again').fill(`${user.password}-mine`);
      await page.getByRole('button', { name: 'Save and go on' }).click();
      await page.waitForURL((url) => url.pathname === '/keys');
    });
  }, 60_000);
});
