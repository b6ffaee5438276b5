import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { logIn, startBrowser } from '../../support/browser.ts';
import { onPage } from '../../support/console-pages.ts';
import { createUser } from '../../support/console-user.ts';
import { keepOutOfLogs } from '../../support/log-secrets.ts';
import { sharedStack } from '../../support/stack.ts';

const ready = sharedStack();
let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

/** The header of a step, which opens and closes it. */
function step(page: Page, title: string) {
  return page.getByRole('heading', { name: title }).getByRole('button');
}

/** Makes a key in the guide, sends the first request and opens its entry of the log. */
async function followGuide(page: Page): Promise<void> {
  await page.getByLabel('Name of the key').fill('first run');
  await page.getByRole('main').getByRole('button', { name: 'Make a key', exact: true }).last().click();
  const shown = page.getByText(/^sk-sluice1-/);
  const secret = await shown.innerText();
  keepOutOfLogs('a key of the guide', secret);
  expect(secret).toMatch(/^sk-sluice1-/);
  await step(page, 'Make a key (Done)').waitFor();

  await page.getByLabel('Question').fill('Tell me about rivers');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  const answer = page.getByRole('log', { name: 'Answer' });
  await page.getByText('done after').waitFor();
  expect((await answer.innerText()).length).toBeGreaterThan(10);
  await step(page, 'Send the first request (Done)').waitFor();
  // The secret is shown this once, so finished steps stay as they are.
  expect(await shown.innerText()).toBe(secret);

  await page.getByRole('link', { name: 'Open its entry' }).click();
  await page.waitForURL((url) => url.pathname === '/usage' && url.searchParams.has('request'));
  await page.getByRole('dialog').getByText('sandbox-chat').first().waitFor();
}

describe('the guide for beginners', () => {
  test('leads an operator from the sandbox to a key, a streamed answer and its entry in the log', async () => {
    const operator = await createUser(ready, 'beginner', 'super_admin');
    await onPage({ browser, ready }, async (page) => {
      await logIn(page, operator);
      await step(page, 'Give the gateway something to ask (Done)').click();
      await page.getByText('This machine brings a sandbox').or(page.getByText('The gateway has credentials')).waitFor();
      expect(await page.getByRole('link', { name: 'Add a credential' }).getAttribute('href')).toBe(
        '/credentials?add=true',
      );
      await followGuide(page);
      await page.goto('/');
      await page.getByText('Requests under way').first().waitFor();
      expect(await page.getByText('Send your first request').count()).toBe(0);
      await page.goto('/start');
      await page.getByText('You are set up').waitFor();
    });
  }, 180_000);

  test('begins for a user with the key, and the overview then shows what was used', async () => {
    const user = await createUser(ready, 'newcomer');
    await onPage({ browser, ready }, async (page) => {
      await logIn(page, user);
      await page.getByText('0 of 3 steps').waitFor();
      expect(await page.getByText('Give the gateway something to ask').count()).toBe(0);
      await followGuide(page);
      await page.goto('/');
      await page.getByRole('heading', { name: 'Recent requests' }).waitFor();
      await page.getByText('1 key, 1 in use').waitFor();
      await page.getByText('Requests per minute').waitFor();
    });
  }, 180_000);

  test('can be hidden, stays hidden, and is still there under its own address', async () => {
    const user = await createUser(ready, 'old-hand');
    await onPage({ browser, ready }, async (page) => {
      await logIn(page, user);
      await page.getByRole('button', { name: 'Hide the guide' }).click();
      await page.getByText('Send your first request').waitFor({ state: 'detached' });
      await page.getByText('The guide is hidden').waitFor();
      await page.waitForLoadState('networkidle');
      await page.reload();
      await page.getByText('No plan').waitFor();
      await page.waitForLoadState('networkidle');
      expect(await page.getByText('Send your first request').count()).toBe(0);
      await page.getByRole('link', { name: 'Getting started' }).click();
      await page.getByText('Send your first request').waitFor();
    });
  }, 120_000);
});
