/**
 * `npm run screenshots [-- --data DIR] [--out DIR] [--only TEXT] [--look desktop-light-en]`: pictures of every page of the running local stack, in
 * {desktop, phone} x {light, dark} x {English, Chinese}, to be looked at.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { logIn, LOOKS, settled, startBrowser, visit, watchForFaults, type Look } from '../support/browser.ts';
import { createUser } from '../support/console-user.ts';
import { readReady, type Ready } from '../support/stack.ts';
import { CONSOLE_PAGES, type ConsolePage } from './console/pages.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '.sluice' },
    out: { type: 'string', default: 'screenshots' },
    only: { type: 'string', default: '' },
    look: { type: 'string', default: '' },
  },
});

type People = Record<Exclude<ConsolePage['who'], 'nobody'>, { username: string; password: string }>;

function nameOf({ path, who }: ConsolePage): string {
  const words = path
    .replace(/token=\w+/, '')
    .split(/[/?=]/)
    .filter(Boolean);
  return [who, ...(words.length === 0 ? ['overview'] : words)].join('-');
}

async function picture(browser: Browser, ready: Ready, people: People, look: Look): Promise<void> {
  for (const who of ['nobody', 'user', 'operator'] as const) {
    const context = await visit(browser, ready, look);
    const page = await context.newPage();
    const faults = watchForFaults(page);
    if (who !== 'nobody') await logIn(page, people[who]);
    for (const shown of CONSOLE_PAGES.filter((entry) => entry.who === who && nameOf(entry).includes(values.only))) {
      await page.goto(shown.path);
      await settled(page);
      const name = `${nameOf(shown)}.${look.screen}.${look.scheme}.${look.language}.png`;
      await page.screenshot({ path: join(values.out, name), fullPage: true });
    }
    for (const fault of faults)
      process.stderr.write(`${look.screen} ${look.scheme} ${look.language} ${who}: ${fault}\n`);
    await context.close();
  }
}

mkdirSync(values.out, { recursive: true });
const ready = readReady(values.data);
const people = { user: await createUser(ready, 'screenshots'), operator: ready.admin };
const browser = await startBrowser();
try {
  for (const look of LOOKS.filter(
    ({ screen, scheme, language }) => values.look === '' || values.look === `${screen}-${scheme}-${language}`,
  ))
    await picture(browser, ready, people, look);
} finally {
  await browser.close();
}
process.stdout.write(`Pictures are in ${values.out}/.\n`);
