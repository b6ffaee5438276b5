/**
 * `npm run scale [-- --rows 100000 --credentials 100000]`: fills a stack of its own with so many users, keys of one owner, credentials and
 * requests, and measures what a page of each list costs: the first, the fiftieth, and a search; then how soon a browser
 * shows it. Ends with 1 when a page reads more than its bound, however much there is.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { logIn, startBrowser, visit } from '../support/browser.ts';
import { adminClient, type AdminClient } from '../support/gateway.ts';
import { storeCountersOf, sumUnits, type StoreCounters } from '../support/store-counters.ts';
import { removeDirectory, startStack, synthesizeForTests, temporaryDirectory, type Ready } from '../support/stack.ts';
import { fill } from './fill.ts';

/** Read units: a page of 50 with what stands beside each row. */
const MOST_UNITS = 400;
const FAR_PAGE = 50;

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '100000' }, credentials: { type: 'string' } },
});
const rows = Number(values.rows);
/** Each is found by some forty entries, which take their time to write. */
const credentials = Number(values.credentials ?? rows);

interface List {
  name: string;
  page: string;
  path: string;
  /** Where the answer has its rows and its cursor. */
  read(body: Record<string, unknown>): { count: number; cursor: string | null };
  searches: readonly string[];
}

type Loose = any; // oxlint-disable-line typescript/no-explicit-any -- answers are looked into freely

const LISTS: readonly List[] = [
  {
    name: 'users',
    page: '/users',
    path: '/api/admin/users?limit=50',
    read: ({ data }: Loose) => ({ count: data.users.length, cursor: data.next_cursor }),
    searches: ['&search=many-00999', '&is_active=false'],
  },
  {
    name: 'keys',
    page: '/keys',
    path: '/api/keys?limit=50',
    read: ({ data }: Loose) => ({ count: data.keys.length, cursor: data.next_cursor }),
    searches: ['&search=many%2000999', '&status=disabled', '&scope=all'],
  },
  {
    name: 'credentials',
    page: '/credentials',
    path: '/api/admin/credentials?limit=50',
    read: ({ data, pagination }: Loose) => ({ count: data.length, cursor: pagination.next_cursor }),
    searches: ['&search=many.00999', '&tag=third'],
  },
  {
    name: 'requests',
    page: '/usage?tab=logs',
    path: '/api/usage/logs?limit=50&scope=all',
    read: ({ data }: Loose) => ({ count: data.logs.length, cursor: data.pagination.next_cursor }),
    searches: ['&success=false', '&model_name=sandbox-small'],
  },
];

interface Figure {
  what: string;
  milliseconds: number;
  readUnits: number;
  rows: number;
}

type Asked = Figure & { cursor: string | null };

const TIMES = 3;

/** The least of a few times: what schedules read meanwhile is counted, too. */
async function ask(admin: AdminClient, counters: StoreCounters, list: List, more: string): Promise<Asked> {
  const asked: Asked[] = [];
  for (let time = 0; time < TIMES; time += 1) asked.push(await askOnce(admin, counters, list, more));
  return asked.reduce((least, one) => (one.readUnits < least.readUnits ? one : least));
}

async function askOnce(admin: AdminClient, counters: StoreCounters, list: List, more: string): Promise<Asked> {
  await counters.reset();
  const begun = performance.now();
  const { status, body } = await admin.call('GET', `${list.path}${more}`);
  const milliseconds = Math.round(performance.now() - begun);
  if (status !== 200) throw new Error(`${list.path}${more} answered ${status}: ${JSON.stringify(body)}`);
  const { readUnits } = sumUnits(await counters.read());
  const { count, cursor } = list.read(body);
  return { what: '', milliseconds, readUnits, rows: count, cursor };
}

async function measure(admin: AdminClient, counters: StoreCounters, list: List): Promise<Figure[]> {
  const figures: Figure[] = [];
  let asked = await ask(admin, counters, list, '');
  figures.push({ ...asked, what: 'page 1' });
  for (let page = 2; page <= FAR_PAGE && asked.cursor !== null; page += 1) {
    const isShown = page === 2 || page === FAR_PAGE;
    asked = await (isShown ? ask : askOnce)(admin, counters, list, `&cursor=${encodeURIComponent(asked.cursor)}`);
    if (isShown) figures.push({ ...asked, what: `page ${page}` });
  }
  for (const search of list.searches)
    figures.push({ ...(await ask(admin, counters, list, search)), what: search.slice(1) });
  return figures;
}

/** Milliseconds from asking for the page until its first row is there. */
async function inBrowser(ready: Ready): Promise<Map<string, number>> {
  const browser = await startBrowser();
  try {
    const context = await visit(browser, ready);
    const page = await context.newPage();
    await logIn(page, ready.admin);
    const times = new Map<string, number>();
    for (const list of LISTS) {
      const begun = performance.now();
      await page.goto(list.page);
      await page.locator('main table tbody tr').first().waitFor();
      times.set(list.name, Math.round(performance.now() - begun));
    }
    await context.close();
    return times;
  } finally {
    await browser.close();
  }
}

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const assembly = synthesizeForTests();
const dataDirectory = temporaryDirectory('scale');
const stack = await startStack({ cloudAssembly: assembly.directory, dataDirectory });
try {
  const { storeUrl } = JSON.parse(readFileSync(join(dataDirectory, 'state.json'), 'utf8')) as { storeUrl: string };
  const admin = await adminClient(stack.ready);
  const me = (await admin.call('GET', '/api/auth/me')).body as { id: string };
  await fill({ rows, credentials, storeUrl, ownerId: me.id, print });
  const counters = storeCountersOf(dataDirectory);
  const shown = await inBrowser(stack.ready);
  for (const list of LISTS) {
    const figures = await measure(admin, counters, list);
    for (const { what, milliseconds, readUnits, rows: count } of figures) {
      print(`${list.name}: ${what}: ${count} rows, ${milliseconds} ms, ${readUnits} read units`);
      if (readUnits > MOST_UNITS) process.exitCode = 1;
    }
    print(`${list.name}: in the browser after ${shown.get(list.name)} ms`);
  }
} finally {
  await stack.stop();
  removeDirectory(dataDirectory);
  assembly.remove();
}
