import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { logIn, startBrowser } from '../../support/browser.ts';
import { onPage, open } from '../../support/console-pages.ts';
import { createUser } from '../../support/console-user.ts';
import { marker } from '../../support/gateway.ts';
import { sharedStack } from '../../support/stack.ts';

const ready = sharedStack();
const PLAN = `Flow ${marker()}`;
const PREFIX = `F${Date.now().toString(36).toUpperCase()}`;

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

test('a plan is made and changed, a batch of codes is made from it, saved as CSV, redeemed by a user, and deleted', async () => {
  let codes: string[] = [];
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, ready.admin);
    await open(page, 'Plans and codes');
    await page.getByRole('button', { name: 'Add plan' }).click();
    const making = page.getByRole('dialog', { name: 'Add plan' });
    await making.getByLabel('Name').fill(PLAN);
    await making.getByRole('button', { name: 'Add plan' }).click();
    await making.getByText('A plan limits tokens, money, or both').waitFor();
    await making.getByLabel('Tokens').fill('250000');
    await making.getByRole('button', { name: 'Add plan' }).click();
    await making.waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: PLAN, exact: true }).click();
    const changing = page.getByRole('dialog', { name: 'Change plan' });
    await changing.getByLabel('Description').fill('For the flow');
    await changing.getByRole('button', { name: 'Save changes' }).click();
    await changing.waitFor({ state: 'hidden' });
    await page.getByRole('row', { name: PLAN }).getByText('For the flow').waitFor();

    await page.getByRole('tab', { name: 'Codes' }).click();
    await page.getByRole('button', { name: 'Make codes' }).first().click();
    const batch = page.getByRole('dialog', { name: 'Make codes' });
    await batch.getByLabel('Plan').click();
    await page.getByRole('option', { name: PLAN }).click();
    await batch.getByLabel('How many').fill('3');
    await batch.getByLabel('Begins with').fill(PREFIX.toLowerCase());
    await batch.getByRole('button', { name: 'Make codes' }).click();
    await batch.getByText('3 codes were made.').waitFor();
    codes = (await batch.locator('pre').innerText()).trim().split('\n');
    expect(codes).toHaveLength(3);
    expect(codes.every((code) => code.startsWith(PREFIX))).toBe(true);
    await batch.getByRole('button', { name: 'Done' }).click();

    await page.getByLabel('Code begins with').fill(PREFIX);
    await page.waitForURL((url) => url.searchParams.get('search') === PREFIX);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Save as CSV' }).click(),
    ]);
    const saved = readFileSync(await download.path(), 'utf8');
    for (const code of codes) expect(saved).toContain(code);
  });

  const user = await createUser(ready, 'redeemer');
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, user);
    await open(page, 'Plan');
    await page.getByText('No plan', { exact: true }).waitFor();
    await page.getByRole('textbox', { name: 'Code' }).fill((codes[0] ?? '').toLowerCase());
    await page.getByRole('button', { name: 'Redeem a code' }).click();
    await page.getByText(`You have “${PLAN}” now`).waitFor();
    await page.getByRole('region', { name: 'Your plan' }).getByText('250K left').waitFor();
  });

  await onPage({ browser, ready }, async (page) => {
    await logIn(page, ready.admin);
    await page.goto(`/plans?tab=codes&search=${PREFIX}`);
    await page
      .getByRole('row', { name: codes[0] ?? '' })
      .getByText(user.username)
      .waitFor();
    for (const code of codes) {
      await page.getByRole('button', { name: `Delete code ${code}` }).click();
      const asking = page.getByRole('dialog', { name: 'Delete this code?' });
      await asking.getByText(code).waitFor();
      await asking.getByRole('button', { name: 'Delete' }).click();
      await asking.waitFor({ state: 'hidden' });
    }
    await page.getByText('No such code').waitFor();
    await page.getByRole('tab', { name: 'Plans' }).click();
    await page.getByRole('button', { name: `Delete plan ${PLAN}` }).click();
    const asking = page.getByRole('dialog', { name: 'Delete this plan?' });
    await asking.getByText('No more codes can be made').waitFor();
    await asking.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('row', { name: PLAN }).waitFor({ state: 'detached' });
  });
}, 150_000);
