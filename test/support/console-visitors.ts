import type { Browser, Page } from 'playwright-core';
import type { ConsolePage } from '../e2e/console/pages.ts';
import { logIn, visit, type Look } from './browser.ts';
import { createUser } from './console-user.ts';
import type { Ready } from './stack.ts';

export type Visitors = Record<ConsolePage['who'], Page>;

/** One of each who may see a page of the console, logged in where that is needed, to look at many. */
export async function startVisitors(browser: Browser, ready: Ready, look: Look): Promise<Visitors> {
  const user = await createUser(ready, 'visitor');
  const pageOf = async (person: { username: string; password: string } | null): Promise<Page> => {
    const context = await visit(browser, ready, look);
    const page = await context.newPage();
    if (person !== null) await logIn(page, person);
    return page;
  };
  return { nobody: await pageOf(null), user: await pageOf(user), operator: await pageOf(ready.admin) };
}
