import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { logIn, startBrowser } from '../../support/browser.ts';
import { onPage, open } from '../../support/console-pages.ts';
import { marker } from '../../support/gateway.ts';
import { keepOutOfLogs } from '../../support/log-secrets.ts';
import { sharedStack } from '../../support/stack.ts';

const ready = sharedStack();
const NAME = `machine ${marker()}`;

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

/** What the dialog shows this once; the dialog is left by saying that it is saved. */
async function takeSecret(page: Page): Promise<string> {
  const dialog = page.getByRole('dialog').filter({ hasText: 'Copy it now' });
  const secret = (await dialog.locator('code, pre').first().innerText()).trim();
  keepOutOfLogs('a machine secret', secret);
  await dialog.getByRole('button', { name: 'I have saved the secret' }).click();
  await dialog.waitFor({ state: 'hidden' });
  return secret;
}

const health = async (secret: string): Promise<number> =>
  (await fetch(`${ready.url}/public-api/health`, { headers: { 'x-api-secret': secret } })).status;

test('a machine secret is made, limited, rotated with both values valid, the old one ended, and all deleted', async () => {
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, ready.admin);
    await open(page, 'Machine secrets');
    await page.getByText('/public-api/get-at').first().waitFor();
    await page.getByRole('button', { name: 'Add machine secret' }).first().click();
    const making = page.getByRole('dialog', { name: 'Add machine secret' });
    await making.getByLabel('Name').fill(NAME);
    await making.getByRole('button', { name: 'Add machine secret' }).click();
    const first = await takeSecret(page);
    expect(await health(first)).toBe(200);

    await page.getByRole('button', { name: NAME }).click();
    const drawer = page.getByRole('dialog', { name: 'Machine secret', exact: true });
    await drawer.getByLabel('Requests per minute').fill('7');
    await drawer.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('The change is saved.').waitFor();
    await page.getByText('7 per minute').waitFor();

    await drawer.getByRole('button', { name: 'Rotate' }).click();
    const rotating = page.getByRole('dialog', { name: 'Rotate this secret?' });
    await rotating.getByLabel('The present value goes on for').click();
    await page.getByRole('option', { name: 'An hour' }).click();
    await rotating.getByRole('button', { name: 'Rotate' }).click();
    const second = await takeSecret(page);
    expect(second).not.toBe(first);
    await drawer.getByText('Two values until').waitFor();
    expect([await health(first), await health(second)]).toEqual([200, 200]);

    await drawer.getByRole('button', { name: 'End previous value' }).click();
    const ending = page.getByRole('dialog', { name: 'End the previous value now?' });
    await ending.getByRole('button', { name: 'End previous value' }).click();
    await drawer.getByText('Two values until').waitFor({ state: 'detached' });

    await drawer.getByRole('button', { name: 'Delete' }).click();
    const deleting = page.getByRole('dialog', { name: 'Delete this machine secret?' });
    await deleting.getByText(NAME).waitFor();
    await deleting.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: NAME }).waitFor({ state: 'detached' });
  });
}, 120_000);
