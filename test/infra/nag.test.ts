import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { runNag } from './support/nag.ts';
import { writePermissionsPage } from './support/permissions-page.ts';

const PAGE = 'docs/permissions.md';
const run = runNag();
const ofPacks = run.acknowledged.filter(({ rule }) => /^(AwsSolutions|Serverless)-/.test(rule));

test('both packs run, and find nothing that is not acknowledged', () => {
  expect(run.failure).toBeUndefined();
  const packs = new Set(run.found.map(({ rule }) => rule.split('-')[0]));
  expect([...packs].toSorted()).toEqual(['AwsSolutions', 'Serverless']);
});

test('each acknowledgement stands where the rule finds something, with a reason', () => {
  const idle = ofPacks.filter(
    ({ rule, path }) => !run.found.some((one) => one.rule === rule && `${one.path}/`.startsWith(`${path}/`)),
  );
  expect(idle).toEqual([]);
  for (const { reason } of ofPacks) expect(reason.length).toBeGreaterThan(15);
});

test('no acknowledgement covers more than one resource and what belongs to it', () => {
  for (const { rule, path } of ofPacks) {
    const covered = run.found.filter((one) => one.rule === rule && `${one.path}/`.startsWith(`${path}/`));
    expect([path, covered.length]).toEqual([path, 1]);
  }
});

test('docs/permissions.md lists rights, unused ones and acknowledged findings as they are', () => {
  const page = writePermissionsPage(run);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, page);
  expect(existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '').toBe(page);
});
