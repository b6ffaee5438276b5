import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { ROUTES } from '../../functions/admin/routes.ts';
import { RELAY_ROUTES } from '../../functions/relay/routes.ts';
import { writeApiPage } from './support/api-page.ts';

const PAGE = 'docs/api.md';

test('docs/api.md lists every path as it is: what it takes, what it answers, in whose envelope, for whom', () => {
  const page = writeApiPage(ROUTES, RELAY_ROUTES);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, page);
  expect(existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '').toBe(page);
});
