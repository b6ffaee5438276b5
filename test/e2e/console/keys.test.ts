import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { logIn, settled, startBrowser } from '../../support/browser.ts';
import { onPage, open } from '../../support/console-pages.ts';
import { createUser } from '../../support/console-user.ts';
import { adminClient, marker, until } from '../../support/gateway.ts';
import { keepOutOfLogs } from '../../support/log-secrets.ts';
import { sharedStack } from '../../support/stack.ts';

const ready = sharedStack();
let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

const LONG = 180_000;

/** Fills in and sends the form; gives back the secret, which is shown this once. */
async function makeKey(page: Page, name: string, fillRest?: () => Promise<void>): Promise<string> {
  await page.getByRole('button', { name: 'Make a key' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Make a key' });
  await dialog.getByLabel('Name', { exact: true }).fill(name);
  await fillRest?.();
  await dialog.getByRole('button', { name: 'Make a key' }).click();
  const secret = await page.getByRole('dialog', { name: 'Your new key' }).locator('code, pre').first().innerText();
  keepOutOfLogs('a key of the console', secret);
  return secret;
}

async function chat(secret: string): Promise<number> {
  const { status } = await fetch(`${ready.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'sandbox-chat', messages: [{ role: 'user', content: 'Hello!' }] }),
  });
  return status;
}

test(
  'a user makes a key with limits, sees its secret once, sees what is used, changes it, switches it off and deletes it',
  async () => {
    const user = await createUser(ready, 'keys');
    await onPage({ browser, ready }, async (page) => {
      await logIn(page, user);
      await open(page, 'Keys');
      await page.getByText('No keys yet').waitFor();
      const secret = await makeKey(page, 'night bot', async () => {
        const dialog = page.getByRole('dialog', { name: 'Make a key' });
        await dialog.getByRole('combobox', { name: 'Models' }).fill('sandbox-cha');
        await page.getByRole('option', { name: 'sandbox-chat', exact: true }).click();
        await page.keyboard.press('Escape');
        await dialog.getByRole('button', { name: /^Limits/ }).click();
        await dialog.getByLabel('Chat requests per day').fill('5');
        await dialog.getByLabel('Budget per month (USD)').fill('1.5');
        await dialog.getByRole('button', { name: /^Restrictions/ }).click();
        await dialog.getByLabel('Allowed addresses').fill('no address');
        await dialog.getByRole('button', { name: 'Make a key' }).click();
        await dialog.getByText('Enter addresses or networks').waitFor();
        await dialog.getByLabel('Allowed addresses').press('Backspace');
        await dialog.getByLabel('Allowed addresses').press('Backspace');
        await dialog.getByRole('button', { name: /^Notes/ }).click();
        await dialog.getByRole('textbox', { name: 'Description' }).fill('Answers at night');
      });
      expect(await chat(secret)).toBe(200);
      await page.getByRole('button', { name: 'I have saved it' }).click();
      await page.reload();
      await settled(page);
      expect(await page.content()).not.toContain(secret);
      await page.getByText('1 of 5').waitFor();

      await page.getByRole('button', { name: /^night bot/ }).click();
      const drawer = page.getByRole('dialog', { name: 'Key' });
      await drawer.getByText('Answers at night').waitFor();
      await drawer.getByText('$1.50').waitFor();
      await drawer.getByRole('button', { name: 'Change', exact: true }).click();
      const form = page.getByRole('dialog', { name: 'Change the key' });
      await form.getByLabel('Name', { exact: true }).fill('day bot');
      await form.getByLabel('Chat requests per day').fill('0');
      await form.getByRole('button', { name: 'Save' }).click();
      await drawer.getByRole('heading', { name: 'day bot' }).waitFor();
      await drawer.getByText('Blocked').waitFor();

      await drawer.getByRole('switch', { name: 'Accept this key' }).click();
      await drawer.getByText('Disabled').waitFor();
      await settled(page);
      await drawer.getByRole('button', { name: 'Delete' }).click();
      const question = page.getByRole('dialog', { name: 'Delete this key?' });
      await question.getByText('“day bot”').waitFor();
      await question.getByRole('button', { name: 'Delete' }).click();
      await page.getByText('No keys yet').waitFor();
      // Relays learn it within seconds.
      await until(async () => (await chat(secret)) === 401);
    });
  },
  LONG,
);

test(
  'an operator finds the keys of one user among everybody’s, and makes another one like it',
  async () => {
    const user = await createUser(ready, 'owner');
    const admin = await adminClient(ready);
    const name = `editor ${marker()}`;
    const made = await admin.call('POST', `/api/keys?owner=${user.username}`, { name, limits: { tokensPerDay: 100 } });
    expect(made.status).toBe(201);
    await onPage({ browser, ready }, async (page) => {
      await logIn(page, ready.admin);
      await open(page, 'Keys');
      await page.getByText("Everybody's").click();
      await page.getByRole('combobox', { name: 'Filter by user' }).fill(user.username);
      await page.getByRole('option', { name: user.username }).click();
      await page.getByRole('button', { name: new RegExp(`^${name}`) }).click();
      const drawer = page.getByRole('dialog', { name: 'Key' });
      await drawer.getByText(user.username).waitFor();
      expect(await drawer.getByRole('link', { name: 'See its usage' }).getAttribute('href')).toContain(
        '/usage?key=key_',
      );
      await drawer.getByRole('button', { name: 'New key with these rules' }).click();
      const dialog = page.getByRole('dialog', { name: 'Make a key' });
      expect(await dialog.getByLabel('Tokens per day').inputValue()).toBe('100');
      expect(await dialog.getByRole('combobox', { name: 'For', exact: true }).inputValue()).toBe(user.username);
      await dialog.getByRole('button', { name: 'Make a key' }).click();
      await page.getByRole('button', { name: 'I have saved it' }).click();
      await page.getByRole('button', { name: new RegExp(`^${name} \\(2\\)`) }).waitFor();

      await page.getByLabel('Search by name, description or preview').fill('no key is called so');
      await page.getByText('No key matches').waitFor();
    });
  },
  LONG,
);
