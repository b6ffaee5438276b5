import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import { DESK, logIn, startBrowser, visit, watchForFaults } from '../../support/browser.ts';
import { onPage, open } from '../../support/console-pages.ts';
import { sharedStack } from '../../support/stack.ts';

const ready = sharedStack();
const mark = Date.now().toString(36);
const upstream = `up-${mark}`;
const model = `vendor/model-${mark}`;
let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

/** Opens a part of the page. */
async function openTab(page: Page, name: string): Promise<void> {
  await page.getByRole('tab', { name, exact: true }).click();
}

/** Takes one of a list's options. */
async function choose(within: Locator, label: string, option: string): Promise<void> {
  await within.getByRole('combobox', { name: label }).click();
  await within.page().getByRole('option', { name: option, exact: true }).click();
}

async function addUpstream(page: Page): Promise<void> {
  await openTab(page, 'Upstreams');
  await page.getByRole('button', { name: 'Add upstream' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add upstream' });
  await choose(dialog, 'Vendor', 'Anthropic');
  expect(await dialog.getByLabel('Base URL').inputValue()).toBe('https://api.anthropic.com/v1');
  await choose(dialog, 'Vendor', 'OpenAI-compatible');
  await dialog.getByLabel('Name').fill('sandbox');
  await dialog.getByLabel('Base URL').fill(`${ready.sandboxUrl}/v1`);
  await dialog.getByRole('button', { name: 'Add upstream' }).click();
  await dialog.getByText('There is an upstream of this name already').waitFor();
  await dialog.getByLabel('Name').fill(upstream);
  await dialog.getByRole('button', { name: 'Add upstream' }).click();
  await dialog.getByText(`${upstream} is there`).waitFor();
  await dialog.getByRole('link', { name: 'Add model' }).click();
}

async function addModel(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Add model' });
  await dialog.getByLabel('Name', { exact: true }).fill(model);
  await choose(dialog, 'Upstream', upstream);
  await dialog.getByLabel("The upstream's own name").fill('sandbox-chat');
  await dialog.getByLabel('Input', { exact: true }).fill('1.5');
  await dialog.getByLabel('Output', { exact: true }).fill('6');
  await dialog.getByRole('button', { name: 'Add model' }).click();
}

async function addDearerRoute(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog', { name: `Edit ${model}` });
  await dialog.getByRole('button', { name: 'Add route' }).click();
  const second = dialog.getByRole('group', { name: 'Route 2' });
  await choose(second, 'Upstream', 'sandbox');
  await second.getByLabel("The upstream's own name").fill('sandbox-chat--words-5');
  await dialog.getByRole('button', { name: 'Move route 2 up' }).click();
  const first = dialog.getByRole('group', { name: 'Route 1' });
  expect(await first.getByLabel("The upstream's own name").inputValue()).toBe('sandbox-chat--words-5');
  expect(await first.getByLabel('Priority').inputValue()).toBe('0');
  await dialog.getByLabel('Output', { exact: true }).fill('7');
  await dialog.getByRole('button', { name: 'Save changes' }).click();
}

test('an upstream and a model come to be, are changed, and show what they cost before', async () => {
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, ready.admin);
    await open(page, 'Models');
    await addUpstream(page);
    await addModel(page);

    const drawer = page.getByRole('dialog', { name: 'Model', exact: true });
    await drawer.getByText('Version 1', { exact: true }).waitFor();
    await drawer.getByRole('button', { name: 'Edit' }).click();
    await addDearerRoute(page);

    await drawer.getByText('Version 2', { exact: true }).waitFor();
    await drawer.getByText('$6.00 → $7.00').waitFor();
    expect((await drawer.getByRole('listitem').allInnerTexts())[0]).toContain('sandbox-chat--words-5');
    const usage = await drawer.getByRole('link', { name: 'See its usage' }).getAttribute('href');
    expect(decodeURIComponent(usage ?? '')).toContain(`/usage?model=${model}`);
    const playground = await drawer.getByRole('link', { name: 'Try it' }).getAttribute('href');
    expect(decodeURIComponent(playground ?? '')).toContain(`/playground?model=${model}`);

    await page.keyboard.press('Escape');
    await page.getByLabel('Search models, upstreams').fill(mark);
    await page.getByText('One model', { exact: true }).waitFor();
    await page.getByRole('row').filter({ hasText: model }).getByText('$1.50 in, $7.00 out').waitFor();
  });
}, 120_000);

test('a price list is looked at, then applied, and is one more version', async () => {
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, ready.admin);
    await page.goto('/models?tab=prices');
    const field = page.getByLabel('Or paste it here');
    await field.fill('{"a": ');
    await page.getByRole('button', { name: 'See what changes' }).click();
    await page.getByText('This is not JSON').waitFor();
    await field.fill(
      JSON.stringify({
        [`theirs-${mark}`]: {
          input_cost_per_token: '1.5e-06',
          output_cost_per_token: '9e-06',
          max_output_tokens: 4096,
        },
      }),
    );
    await page.getByRole('button', { name: 'See what changes' }).click();
    await page.getByText('Nothing to write').waitFor();

    const main = page.getByRole('main');
    await choose(main, 'Our model', model);
    await choose(main, "The list's entry", `theirs-${mark}`);
    await page.getByRole('button', { name: 'Use this entry' }).click();
    const row = page.getByRole('row').filter({ hasText: model });
    await row.getByText('$7.00 → $9.00').waitFor();
    await page.getByRole('button', { name: 'Apply one change' }).click();
    await page.getByText('One model has a new price from now on').waitFor();

    await page.getByRole('button', { name: 'To the models' }).click();
    await page.getByLabel('Search models, upstreams').fill(model);
    await page.getByRole('button', { name: model }).click();
    const drawer = page.getByRole('dialog', { name: 'Model', exact: true });
    await drawer.getByText('Version 3', { exact: true }).waitFor();
    await drawer.getByText('4,096').waitFor();
  });
}, 120_000);

test('an address in a closed network is refused at its field, with the way to open it', async () => {
  const context = await visit(browser, ready, DESK);
  try {
    const page = await context.newPage();
    const faults = watchForFaults(page);
    await logIn(page, ready.admin);
    await page.goto('/models?tab=upstreams&create=true');
    const dialog = page.getByRole('dialog', { name: 'Add upstream' });
    await dialog.getByLabel('Name').fill(`closed-${mark}`);
    await dialog.getByLabel('Base URL').fill('https://10.1.2.3/v1');
    await dialog.getByRole('button', { name: 'Add upstream' }).click();
    await dialog.getByText('This address is in a private network').waitFor();
    await dialog.getByRole('link', { name: 'Open it in the settings' }).click();
    await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
    // The browser itself logs that the save was refused.
    expect(faults.filter((fault) => !fault.includes('400'))).toEqual([]);
  } finally {
    await context.close();
  }
}, 120_000);

test('what second calls cost is told for the days that are asked for', async () => {
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, ready.admin);
    await open(page, 'Models');
    await openTab(page, 'Second calls');
    await page.getByText('When a stream is slow to begin').waitFor();
    await page.getByText('30 days').click();
    await page.waitForURL(/days=30/);
    await page
      .getByText(/Second calls are off|No second calls in this period|Who was quicker/)
      .first()
      .waitFor();
  });
}, 60_000);

test('a model ends after a word on who loses it, then its upstream does', async () => {
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, ready.admin);
    await page.goto(`/models?model=${encodeURIComponent(model)}`);
    const drawer = page.getByRole('dialog', { name: 'Model', exact: true });
    await drawer.getByRole('button', { name: 'Delete model' }).click();
    const question = page.getByRole('dialog', { name: 'Delete this model?' });
    await question.getByText('Nobody asked for it in the last 30 days').waitFor();
    await question.getByRole('button', { name: 'Delete model' }).click();
    await question.waitFor({ state: 'detached' });
    await page.getByLabel('Search models, upstreams').fill(model);
    await page.getByText('No model matches').waitFor();

    await openTab(page, 'Upstreams');
    await page.getByRole('button', { name: `Delete upstream ${upstream}` }).click();
    const second = page.getByRole('dialog', { name: 'Delete this upstream?' });
    await second.getByRole('button', { name: 'Delete upstream' }).click();
    await second.waitFor({ state: 'detached' });
    await page.getByText(upstream).waitFor({ state: 'detached' });
  });
}, 60_000);
