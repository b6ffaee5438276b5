import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts';
import { removeDirectory, sharedAssembly, startStack, temporaryDirectory, type Stack } from '../support/stack.ts';
import { measureWriteUnits, type WriteUnits } from '../support/write-units.ts';

/** A stack of its own: what others write would be counted too. The clock starts between two ticks of its schedules. */
const dataDirectory = temporaryDirectory('write-units');
let stack: Stack;
let upstream: FakeUpstream;
let found: WriteUnits[];

beforeAll(async () => {
  upstream = await startFakeUpstream();
  const args = ['--clock', '2031-05-06T04:00:10Z'];
  stack = await startStack({ cloudAssembly: sharedAssembly(), dataDirectory, args });
  found = await measureWriteUnits(stack, upstream, { openHolds: [1, 32, 100], limitedKeys: 4 });
  const rows = found.map(({ openHolds, perRequest, byOperation }) => ({ openHolds, perRequest, ...byOperation }));
  process.stdout.write(`Write units per request, index units included:\n${JSON.stringify(rows, null, 2)}\n`);
}, 180_000);
afterAll(async () => {
  await stack?.stop();
  await upstream?.close();
  removeDirectory(dataDirectory);
}, 60_000);

describe('what one request writes on a ledger account with four limited keys', () => {
  test.each([1, 32])('with %i open holds is at most 8 write units, index units included', (openHolds) => {
    const row = found.find((one) => one.openHolds === openHolds);
    expect(row?.perRequest).toBeLessThanOrEqual(8);
    expect(row?.perRequest).toBeGreaterThanOrEqual(4);
  });

  test('with 100 open holds grows by what the larger item costs, and no more', () => {
    const [one, , hundred] = found;
    expect(hundred?.perRequest).toBeLessThanOrEqual((one?.perRequest ?? 0) + 2 * 11);
  });

  test('is never a transaction', () => {
    expect(found.map(({ transactions }) => transactions)).toEqual([0, 0, 0]);
  });
});
