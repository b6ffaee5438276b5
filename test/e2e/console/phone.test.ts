import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { settled, startBrowser } from '../../support/browser.ts';
import { startVisitors, type Visitors } from '../../support/console-visitors.ts';
import { sharedStack } from '../../support/stack.ts';
import { CONSOLE_PAGES } from './pages.ts';

const ready = sharedStack();
let browser: Browser;
let visitors: Visitors;

beforeAll(async () => {
  browser = await startBrowser();
  visitors = await startVisitors(browser, ready, { screen: 'phone', scheme: 'dark', language: 'zh' });
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
  const page = visitors[who];
  await page.goto(path);
  await settled(page);
  expect(await page.evaluate(STANDS_OUT)).toEqual([]);
});

test('the menu opens over the page, leads somewhere and closes', async () => {
  const page = visitors.user;
  await page.goto('/');
  await page.getByRole('button', { name: '打开菜单' }).tap();
  const menu = page.getByRole('navigation', { name: '主菜单' });
  await menu.getByRole('link', { name: '密钥', exact: true }).tap();
  await page.waitForURL((url) => url.pathname === '/keys');
  await page.getByRole('button', { name: '打开菜单' }).waitFor();
});
