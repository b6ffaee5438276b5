import { expect, test } from '@jest/globals';
import { compareGrants } from '../../../support/unused-grants.ts';

const grant = (holder: string, action: string, resource: string) => ({ holder, action, resource });
const GET = grant('relay', 'dynamodb:GetItem', 'table/Things');
const SCAN = grant('relay', 'dynamodb:Scan', 'table/Things');
const because = 'only at night';

test('a grant that was used needs no word', () => {
  expect(compareGrants({ granted: [GET], used: [GET] }, [])).toEqual([]);
});

test('a grant that was not used needs an explanation', () => {
  const records = { granted: [GET, SCAN], used: [GET] };
  expect(compareGrants(records, [])).toEqual(['granted and never used: relay dynamodb:Scan table/Things']);
  expect(compareGrants(records, [{ action: 'dynamodb:Scan', because }])).toEqual([]);
  expect(compareGrants(records, [{ holder: 'admin', action: 'dynamodb:Scan', because }])).toHaveLength(2);
});

test('an explanation of what is used, or is not granted, is wrong', () => {
  const records = { granted: [GET, SCAN], used: [GET, SCAN] };
  expect(compareGrants(records, [{ holder: 'relay', action: 'dynamodb:Scan', because }])).toEqual([
    'explained as unused (relay dynamodb:Scan anything) and used: relay dynamodb:Scan table/Things',
  ]);
  expect(compareGrants(records, [{ action: 'dynamodb:Scan', resource: 'table/Others', because }])).toEqual([
    'explained and not granted at all: anybody dynamodb:Scan table/Others',
  ]);
});
