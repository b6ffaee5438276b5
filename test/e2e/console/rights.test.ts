import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { ROUTES } from '../../../functions/admin/routes.ts';
import { roleHas } from '../../../layers/core/identity/permissions.ts';
import { logIn, startBrowser, visit } from '../../support/browser.ts';
import { onPage } from '../../support/console-pages.ts';
import { createUser } from '../../support/console-user.ts';
import { sharedStack } from '../../support/stack.ts';
import { CONSOLE_PAGES } from './pages.ts';

const ready = sharedStack();
let browser: Browser;
let user: { username: string; password: string };

beforeAll(async () => {
  browser = await startBrowser();
  user = await createUser(ready, 'rights');
});
afterAll(() => browser.close());

const pathsOf = (who: string): Set<string> =>
  new Set(CONSOLE_PAGES.filter((page) => page.who === who).map(({ path }) => path.replace(/\?.*/, '')));
const OPERATORS_ONLY = [...pathsOf('operator')].filter(
  (path) => !pathsOf('user').has(path) && path !== '/no-such-page',
);

test('a user finds no page of the operators: neither in the menu nor under its address', async () => {
  expect(OPERATORS_ONLY.length).toBeGreaterThan(8);
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, user);
    const menu = page.getByRole('navigation', { name: 'Main menu' });
    await menu.getByRole('link', { name: 'Keys' }).waitFor();
    for (const path of OPERATORS_ONLY) expect(await menu.locator(`a[href="${path}"]`).count()).toBe(0);
    for (const path of OPERATORS_ONLY) {
      await page.goto(path);
      await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    }
  });
}, 180_000);

test('a user who is logged in is refused every call that the operators may make', async () => {
  const routes = ROUTES.filter(({ access }) => access !== 'public' && !roleHas('user', access));
  expect(routes.length).toBeGreaterThan(80);
  const context = await visit(browser, ready);
  try {
    await logIn(await context.newPage(), user);
    const allowed: string[] = [];
    for (const { method, path } of routes) {
      const address = path.replaceAll(/\{[^}]+\}/g, 'x');
      const data = method === 'GET' ? {} : { data: {} };
      const answer = await context.request.fetch(address, { method, headers: { origin: ready.url }, ...data });
      if (answer.status() !== 403) allowed.push(`${method} ${path}: ${answer.status()}`);
    }
    expect(allowed).toEqual([]);
  } finally {
    await context.close();
  }
}, 180_000);
