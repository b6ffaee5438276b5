import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { logIn, settled, startBrowser, visit } from '../../support/browser.ts';
import { onPage, open } from '../../support/console-pages.ts';
import { createUser } from '../../support/console-user.ts';
import { marker } from '../../support/gateway.ts';
import { sharedStack } from '../../support/stack.ts';

const ready = sharedStack();
const NEXT = `${marker()}-Pw2`;

let browser: Browser;
let user: { username: string; password: string };
beforeAll(async () => {
  browser = await startBrowser();
  user = await createUser(ready, 'account');
});
afterAll(() => browser.close());

test('a user sets preferences that hold after a reload, and a new password that ends the other sessions', async () => {
  const elsewhere = await visit(browser, ready);
  try {
    const other = await elsewhere.newPage();
    await logIn(other, user);
    await onPage({ browser, ready }, async (page) => {
      await logIn(page, user);
      await open(page, 'Account');
      const preferences = page.getByRole('region', { name: 'Preferences' });
      await preferences.getByLabel('Colours').click();
      await page.getByRole('option', { name: 'Dark' }).click();
      await page.locator('html[data-mantine-color-scheme="dark"]').waitFor();
      await preferences.getByLabel('Notices by mail').click();
      await settled(page);
      await page.reload();
      await settled(page);
      expect(await preferences.getByLabel('Colours').inputValue()).toBe('Dark');
      expect(await preferences.getByLabel('Notices by mail').isChecked()).toBe(false);
      await preferences.getByLabel('Language').click();
      await page.getByRole('option', { name: '中文' }).click();
      await page.locator('html[lang="zh-CN"]').waitFor();
      await page.getByRole('region', { name: '偏好设置' }).getByLabel('语言').click();
      await page.getByRole('option', { name: 'English' }).click();
      await page.locator('html[lang="en-US"]').waitFor();

      const sessions = page.getByRole('region', { name: 'Sessions' });
      expect(await sessions.getByRole('button', { name: 'End', exact: true }).count()).toBe(1);
      const password = page.getByRole('region', { name: 'Password' });
      await password.getByLabel('Current password').fill(user.password);
      await password.getByLabel('New password').fill(NEXT);
      await password.getByLabel('The same again').fill('something else');
      await password.getByRole('button', { name: 'Change password' }).click();
      await password.getByText('The two passwords differ').waitFor();
      await password.getByLabel('The same again').fill(NEXT);
      await password.getByRole('button', { name: 'Change password' }).click();
      await page.getByText('all other sessions have ended').waitFor();
      await sessions.getByRole('button', { name: 'End', exact: true }).waitFor({ state: 'detached' });

      await other.goto('/keys');
      await other.waitForURL((url) => url.pathname === '/login');

      await sessions.getByRole('button', { name: 'Log out everywhere' }).click();
      const asking = page.getByRole('dialog', { name: 'Log out everywhere?' });
      await asking.getByText('this one too').waitFor();
      await asking.getByRole('button', { name: 'Log out everywhere' }).click();
      await page.waitForURL((url) => url.pathname === '/login');
      await logIn(page, { ...user, password: NEXT });
    });
  } finally {
    await elsewhere.close();
  }
}, 120_000);
