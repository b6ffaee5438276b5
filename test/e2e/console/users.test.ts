import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { logIn, settled, startBrowser } from '../../support/browser.ts';
import { onPage, open } from '../../support/console-pages.ts';
import { adminClient, marker } from '../../support/gateway.ts';
import { keepOutOfLogs } from '../../support/log-secrets.ts';
import { sharedStack } from '../../support/stack.ts';

const ready = sharedStack();
const NAME = `flow-${marker().toLowerCase()}`.slice(0, 30);
const FIRST_PASSWORD = `${marker()}-Pw1`;
const PLAN = `plan of ${NAME}`;

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
  const admin = await adminClient(ready);
  const plan = { name: PLAN, plan_type: 'daily', token_limit: 5_000 };
  expect((await admin.call('POST', '/api/admin/plans', plan)).status).toBe(201);
});
afterAll(async () => {
  await (await adminClient(ready)).call('DELETE', `/api/admin/plans/${encodeURIComponent(PLAN)}`);
  await browser.close();
});

async function limitsOfUser(): Promise<unknown> {
  const { body } = await (await adminClient(ready)).call('GET', `/api/admin/users?search=${NAME}`);
  return (body['data'] as { users: { limits: unknown }[] }).users[0]?.limits;
}

const drawer = (page: Page) => page.getByRole('dialog', { name: 'User', exact: true });

test('a user is made, found, changed, given a plan and a password, and deleted', async () => {
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, ready.admin);
    await open(page, 'Users');

    await page.getByRole('button', { name: 'Add user' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add user' });
    await dialog.getByText('With a password').click();
    await dialog.getByLabel('User name').fill('x');
    await dialog.getByRole('button', { name: 'Add user' }).click();
    await dialog.getByText('3 to 50 letters').waitFor();
    await dialog.getByLabel('User name').fill(NAME);
    await dialog.getByLabel('First password').fill(FIRST_PASSWORD);
    await dialog.getByRole('button', { name: 'Add user' }).click();
    await dialog.getByText(`${NAME} can log in`).waitFor();
    await dialog.getByRole('button', { name: 'Done' }).click();

    await page.getByLabel('Name or e-mail begins with').fill(NAME);
    await page.waitForURL((url) => url.searchParams.get('search') === NAME);
    await page.getByRole('button', { name: NAME }).click();
    await page.waitForURL((url) => url.searchParams.has('user'));
    await drawer(page).getByText('New password due').waitFor();

    await drawer(page).getByLabel('Role').click();
    await page.getByRole('option', { name: 'Administrator', exact: true }).click();
    await drawer(page).getByLabel('Trust level').fill('3');
    await drawer(page).getByLabel('Silenced').click();
    await drawer(page).getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('The change is saved.').waitFor();
    await drawer(page).locator('.mantine-Badge-label', { hasText: 'Silenced' }).waitFor();
    await page.reload();
    await settled(page);
    expect(await drawer(page).getByLabel('Trust level').inputValue()).toBe('3');
    expect(await drawer(page).getByLabel('Role').inputValue()).toBe('Administrator');

    await drawer(page).getByLabel('Requests per minute').fill('7');
    await drawer(page).getByLabel('Budget per month (USD)').fill('2.5');
    await drawer(page).getByLabel('Tokens per 24 hours').fill('-1');
    await drawer(page).getByRole('button', { name: 'Save limits' }).click();
    await drawer(page).getByRole('button', { name: 'Save limits', disabled: true }).waitFor();
    expect(await limitsOfUser()).toEqual({
      requestsPerMinute: 7,
      tokensPer24Hours: -1,
      budgetMicrosPerMonth: 2_500_000,
    });
    await drawer(page).getByLabel('Requests per minute').fill('');
    await drawer(page).getByRole('button', { name: 'Save limits' }).click();
    await drawer(page).getByRole('button', { name: 'Save limits', disabled: true }).waitFor();
    expect(await limitsOfUser()).toEqual({ tokensPer24Hours: -1, budgetMicrosPerMonth: 2_500_000 });

    await drawer(page).getByLabel('May log in').click();
    await drawer(page).getByRole('button', { name: 'Save changes' }).click();
    await drawer(page).locator('.mantine-Badge-label', { hasText: 'Disabled' }).waitFor();

    await drawer(page).getByLabel('Give a plan').click();
    await page.getByRole('option', { name: PLAN }).click();
    await drawer(page).getByRole('button', { name: 'Give', exact: true }).click();
    await drawer(page).getByText('5,000 left').waitFor();
    await drawer(page).getByRole('button', { name: 'End plan' }).click();
    const ending = page.getByRole('dialog', { name: 'End this plan now?' });
    await ending.getByText(PLAN).waitFor();
    await ending.getByRole('button', { name: 'End plan' }).click();
    await ending.waitFor({ state: 'hidden' });
    await drawer(page).getByRole('button', { name: 'End plan' }).waitFor({ state: 'detached' });

    await drawer(page).getByRole('button', { name: 'Set a temporary password' }).click();
    const temporary = page.getByRole('dialog', { name: 'Set a temporary password?' });
    await temporary.getByText(`${NAME} is logged out everywhere`).waitFor();
    await temporary.getByRole('button', { name: 'Set a temporary password' }).click();
    const password = await drawer(page).locator('pre').first().innerText();
    keepOutOfLogs('a temporary password', password);
    expect(password.length).toBeGreaterThan(9);

    await drawer(page).getByRole('button', { name: 'Delete user' }).click();
    const deleting = page.getByRole('dialog', { name: 'Delete this user?' });
    await deleting.getByText('cannot come back').waitFor();
    await deleting.getByRole('button', { name: 'Delete user' }).click();
    await page.getByText('Nobody matches').waitFor();
  });
}, 120_000);
