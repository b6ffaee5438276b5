import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { logIn, settled, startBrowser, visit } from '../../support/browser.ts';
import { createUser } from '../../support/console-user.ts';
import { sharedStack } from '../../support/stack.ts';
import { CONSOLE_PAGES, type ConsolePage } from './pages.ts';

const ready = sharedStack();
const WHO = ['nobody', 'user', 'operator'] as const;

let browser: Browser;
const pages = new Map<ConsolePage['who'], Page>();

beforeAll(async () => {
  browser = await startBrowser();
  const people = { nobody: null, user: await createUser(ready, 'phone'), operator: ready.admin };
  for (const who of WHO) {
    const context = await visit(browser, ready, { screen: 'phone', scheme: 'dark', language: 'zh' });
    const page = await context.newPage();
    const person = people[who];
    if (person !== null) await logIn(page, person);
    pages.set(who, page);
  }
}, 120_000);
afterAll(() => browser.close());

/** What stands out at the side, by what it is and says; what scrolls by itself may. */
const STANDS_OUT = `(() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll('body *')]
    .filter((element) => element.getBoundingClientRect().right > width + 1)
    .map((element) => element.tagName + ' ' + (element.textContent ?? '').slice(0, 40));
})()`;

test.each(CONSOLE_PAGES)('$path for $who fits a phone', async ({ path, who }) => {
  const page = pages.get(who);
  if (page === undefined) throw new Error(`Nobody looks as ${who}.`);
  await page.goto(path);
  await settled(page);
  expect(await page.evaluate(STANDS_OUT)).toEqual([]);
});

test('the menu opens over the page, leads somewhere and closes', async () => {
  const page = pages.get('user');
  if (page === undefined) throw new Error('No user looks.');
  await page.goto('/');
  await page.getByRole('button', { name: '打开菜单' }).tap();
  const menu = page.getByRole('navigation', { name: '主菜单' });
  await menu.getByRole('link', { name: '密钥', exact: true }).tap();
  await page.waitForURL((url) => url.pathname === '/keys');
  await page.getByRole('button', { name: '打开菜单' }).waitFor();
});
