import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import { DESK, logIn, startBrowser, visit, watchForFaults } from '../../support/browser.ts';
import { isDrawn, onPage } from '../../support/console-pages.ts';
import { sharedStack } from '../../support/stack.ts';

const ready = sharedStack();
let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

async function begin(page: Page, model: string): Promise<Locator> {
  await logIn(page, ready.admin);
  await page.goto(`/playground?model=${model}`);
  await page.getByRole('button', { name: 'Make a key and begin' }).click();
  await page.getByLabel('Message').waitFor();
  return page.getByRole('log', { name: 'Conversation' });
}

async function ask(page: Page, question: string): Promise<void> {
  await page.getByLabel('Message').fill(question);
  await page.keyboard.press('Enter');
}

test('an answer streams, is stopped, asked for again, and its question changed', async () => {
  await onPage({ browser, ready }, async (page) => {
    const log = await begin(page, 'sandbox-chat--delay-100--words-100');
    await ask(page, 'Tell me a long story');
    const answer = log.getByRole('article', { name: 'Answer' });
    await answer.getByText(/\w+ \w+ \w+/).waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await answer.getByText(/stopped/).waitFor();
    expect((await answer.innerText()).split(' ').length).toBeLessThan(100);

    await page.getByRole('combobox', { name: 'Model' }).fill('sandbox-chat--words-5');
    await page.getByRole('option', { name: 'sandbox-chat--words-5', exact: true }).click();
    await answer.getByRole('button', { name: 'Ask again' }).click();
    await answer.getByText(/tokens in/).waitFor();
    await answer.getByText(/\$0\.\d+|no price is set/).waitFor();
    expect(await log.getByRole('article').count()).toBe(2);

    await log.getByRole('button', { name: 'Change this question' }).click();
    expect(await page.getByLabel('Message').inputValue()).toBe('Tell me a long story');
    expect(await log.getByRole('article').count()).toBe(0);
    await ask(page, 'Tell me a short story');
    await log.getByText('See it in the log').waitFor();
    await page.getByRole('button', { name: 'Begin anew' }).click();
    await page.getByText('Ask something', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Code for this model' }).click();
    await page.waitForURL(/\/connect\?model=/);
  });
}, 120_000);

test('a model that makes images shows them, and a tool that is called is answered', async () => {
  await onPage({ browser, ready }, async (page) => {
    const log = await begin(page, 'sandbox-image');
    await page.getByRole('button', { name: 'A lighthouse at dusk, watercolour' }).click();
    await page.getByRole('button', { name: 'Send' }).click();
    const image = log.getByRole('img');
    await image.waitFor();
    await isDrawn(image);

    await page.getByRole('combobox', { name: 'Model' }).fill('sandbox-chat--words-5');
    await page.getByRole('option', { name: 'sandbox-chat--words-5', exact: true }).click();
    await page.getByRole('button', { name: 'Begin anew' }).click();
    await page.getByRole('switch', { name: /^Offer a tool/ }).click();
    await ask(page, 'Call get_current_time');
    await log.getByText('Calls get_current_time').first().waitFor();
    await log
      .getByRole('article', { name: 'Result of a tool' })
      .first()
      .getByText(/"now"|"error"/)
      .waitFor();
  });
}, 120_000);

test('a refusal is told in words, with a way to its entry in the log', async () => {
  const context = await visit(browser, ready, DESK);
  try {
    const page = await context.newPage();
    const faults = watchForFaults(page);
    await begin(page, 'sandbox-chat--429');
    await ask(page, 'Hello');
    const alert = page.getByRole('alert');
    await alert.getByRole('button', { name: 'Try again' }).waitFor();
    await page.getByRole('link', { name: 'See it in the log' }).click();
    await page.getByRole('dialog', { name: 'Request' }).waitFor();
    // The browser itself tells of the refused call.
    expect(faults.filter((fault) => !fault.includes('429'))).toEqual([]);
  } finally {
    await context.close();
  }
}, 120_000);
