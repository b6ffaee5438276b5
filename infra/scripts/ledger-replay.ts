import { parseArgs } from 'node:util';
import { z } from 'zod';
import { openGateway } from './gateway.ts';

/*
 * npm run ledger:replay -- --from 2026-01-01T00:00:00Z --to 2026-01-02T00:00:00Z
 *
 * Asks a running gateway to compute a period's usage again and to compare (schedule replay-usage), part after part, and
 * prints what differs. It asks the stack that `npm start` runs here, or the one at SLUICE_URL as the administrator
 * SLUICE_ADMIN_USERNAME with SLUICE_ADMIN_PASSWORD. Ends with 1 when something differs.
 */

const USAGE = 'usage: npm run ledger:replay -- --from <ISO 8601> --to <ISO 8601> [--data .sluice]';

const answerSchema = z.object({
  data: z.object({
    to: z.string(),
    slices: z.number(),
    events: z.number(),
    open: z.number(),
    costMicros: z.number(),
    hours: z.number(),
    days: z.number(),
    notClosed: z.number(),
    expired: z.number(),
    differenceCount: z.number(),
    differences: z.array(
      z.object({
        kind: z.string(),
        where: z.string(),
        row: z.string().nullable(),
        stored: z.string(),
        computed: z.string(),
      }),
    ),
    next: z.string().nullable(),
  }),
});

const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    to: { type: 'string' },
    data: { type: 'string', default: '.sluice' },
    'data-dir': { type: 'string' },
  },
});
if (values.from === undefined || values.to === undefined) fail(USAGE);
const period = { from: instantOf(values.from), to: instantOf(values.to) };
const gateway = await openGateway(values['data-dir'] ?? values.data).catch(failWith);

const sums = { slices: 0, events: 0, open: 0, costMicros: 0, hours: 0, days: 0, notClosed: 0, expired: 0 };
let differences = 0;
for (let from: string | null = period.from; from !== null;) {
  const { data } = answerSchema.parse(
    await gateway.call('/api/admin/schedules/replay-usage/run', { body: { from, to: period.to } }).catch(failWith),
  );
  for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += data[name];
  differences += data.differenceCount;
  for (const one of data.differences) {
    print(
      `${one.kind} ${one.where}${one.row === null ? '' : ` ${one.row}`}: stored ${one.stored}; computed ${one.computed}`,
    );
  }
  if (data.differenceCount > data.differences.length) {
    print(`… and ${data.differenceCount - data.differences.length} more up to ${data.to}`);
  }
  from = data.next;
}
print(
  `${sums.events} events (${sums.open} open) in ${sums.slices} time slices, ${sums.hours} hours, ${sums.days} days; ` +
    `cost ${sums.costMicros} micro-dollars; ${sums.notClosed} slices not closed yet, ${sums.expired} expired; ` +
    `${differences} differences.`,
);
process.exitCode = differences === 0 ? 0 : 1;

function instantOf(text: string): string {
  const time = Date.parse(text);
  if (Number.isNaN(time)) fail(`${text} is no time. ${USAGE}`);
  return new Date(time).toISOString();
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function failWith(error: unknown): never {
  return fail(error instanceof Error ? error.message : String(error));
}

function fail(text: string): never {
  process.stderr.write(`ledger:replay: ${text}\n`);
  process.exit(2);
}
