import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { DESK, logIn, settled, startBrowser, visit } from '../../support/browser.ts';
import { createUser } from '../../support/console-user.ts';
import { sharedStack } from '../../support/stack.ts';
import { CONSOLE_PAGES, type ConsolePage } from './pages.ts';

const ready = sharedStack();
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
let user: { username: string; password: string };

beforeAll(async () => {
  browser = await startBrowser();
  user = await createUser(ready, 'accessibility');
});
afterAll(() => browser.close());

interface AxeFinding {
  id: string;
  impact: string | null;
  nodes: { html: string; failureSummary: string }[];
}

/** https://github.com/dequelabs/axe-core/blob/develop/doc/API.md: findings that keep people from using the page. */
async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as {
    violations: AxeFinding[];
  };
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
}

function whoSees({ who }: ConsolePage): { username: string; password: string } | null {
  if (who === 'nobody') return null;
  return who === 'operator' ? ready.admin : user;
}

describe.each(['light', 'dark'] as const)('in %s colours', (scheme) => {
  test.each(CONSOLE_PAGES)('$path for $who has no serious finding', async (consolePage) => {
    const context = await visit(browser, ready, { ...DESK, scheme });
    try {
      const page = await context.newPage();
      // The policy of the pages forbids scripts from outside; the examiner is put in by the debugger's protocol.
      const visitor = whoSees(consolePage);
      if (visitor !== null) await logIn(page, visitor);
      await page.goto(consolePage.path);
      await settled(page);
      expect(await seriousFindings(page)).toEqual([]);
    } finally {
      await context.close();
    }
  });
});
