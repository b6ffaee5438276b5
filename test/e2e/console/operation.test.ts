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

test('a setting is changed, refused where it does not fit, put aside, saved, and put back; the audit log has it, and proves', async () => {
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, ready.admin);
    await open(page, 'Settings');
    const days = page.getByLabel('Days in the usage log', { exact: true });
    const before = await days.inputValue();
    const other = String(Number(before) - 1);
    await days.fill('-5');
    await page.getByText('1 change is not saved').waitFor();
    expect(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Discard' }).click();
    expect(await days.inputValue()).toBe(before);
    for (const value of [other, before]) {
      await days.fill(value);
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByText('The settings are saved.').last().waitFor();
      await page.getByText('1 change is not saved').waitFor({ state: 'detached' });
      await page.reload();
      await settled(page);
      expect(await days.inputValue()).toBe(value);
    }

    await open(page, 'Audit log');
    await page.getByRole('row').filter({ hasText: 'settings' }).first().waitFor();
    await page.getByRole('row').filter({ hasText: 'settings' }).first().getByRole('button').first().click();
    const entry = page.getByRole('dialog', { name: 'Entry' });
    await entry.getByText('usageLogDays').waitFor();
    await entry.getByRole('button', { name: 'Close details' }).click();
    await page.getByRole('button', { name: 'Verify the chain' }).click();
    await page.getByText(/The chain is whole: [\d,]+ entries proved/).waitFor({ timeout: 60_000 });
  });
}, 120_000);

test('whoever has no rights of an operator sees none of these pages, and is led nowhere by their addresses', async () => {
  const user = await createUser(ready, 'nobody');
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, user);
    const menu = page.getByRole('navigation', { name: 'Main menu' });
    for (const entry of ['Users', 'Alerts', 'Audit log', 'Settings', 'Machine secrets', 'Import and export']) {
      expect(await menu.getByRole('link', { name: entry }).count()).toBe(0);
    }
    for (const path of ['/users', '/alerts', '/audit', '/settings', '/machine-secrets', '/import-export']) {
      await page.goto(path);
      await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    }
  });
}, 90_000);
