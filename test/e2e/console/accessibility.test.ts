import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { DESK, settled, startBrowser } from '../../support/browser.ts';
import { startVisitors, type Visitors } from '../../support/console-visitors.ts';
import { sharedStack } from '../../support/stack.ts';
import { CONSOLE_PAGES } from './pages.ts';

const ready = sharedStack();
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

interface AxeFinding {
  id: string;
  impact: string | null;
  nodes: { html: string; failureSummary: string }[];
}

/** https://github.com/dequelabs/axe-core/blob/develop/doc/API.md: findings that keep people from using the page. */
async function seriousFindings(page: Page): Promise<string[]> {
  // The policy of the pages forbids scripts from outside; the examiner is put in by the debugger's protocol.
  await page.evaluate(AXE);
  const { violations } = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as {
    violations: AxeFinding[];
  };
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
}

describe.each(['light', 'dark'] as const)('in %s colours', (scheme) => {
  let visitors: Visitors;
  beforeAll(async () => {
    visitors = await startVisitors(browser, ready, { ...DESK, scheme });
  }, 60_000);

  test.each(CONSOLE_PAGES)('$path for $who has no serious finding', async ({ path, who }) => {
    const page = visitors[who];
    await page.goto(path);
    await settled(page);
    expect(await seriousFindings(page)).toEqual([]);
  });
});
