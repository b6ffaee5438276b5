import { createTableOperations } from '../../layers/aws/table-operations.ts';
import { createRollUpStore } from '../../layers/aws/tables/roll-ups.ts';
import { addSums, noSums, type UsageSums } from '../../layers/core/metering/roll-up.ts';
import { rollUpUsage } from '../../layers/core/metering/roll-up-usage.ts';
import type { UsageEvent } from '../../layers/core/metering/store.ts';
import { createFaultyTransport } from './faulty-transport.ts';
import { createWorldLogger, type Stage } from './stage.ts';
import { LEDGER_TABLE, type Tables } from './tables.ts';
import type { Actor } from './world.ts';

const storeOf = (tables: Tables) =>
  createRollUpStore(createTableOperations({ send: tables.send, close: async () => undefined }), LEDGER_TABLE);

/** The job has come to this instant, as if it had run all the time before. */
export async function prepareRollUps(tables: Tables, fromMs: number): Promise<void> {
  const state = { closedUntil: fromMs, auditedUntil: fromMs, begunAt: fromMs, offsetMinutes: 0 };
  await storeOf(tables).writeState(state, 0);
}

/** One run of the job in a process of its own. */
export async function runRollUp(stage: Stage, actor: Actor): Promise<void> {
  const client = createTableOperations(createFaultyTransport(stage, actor), { sleep: stage.world.sleep(actor) });
  await rollUpUsage({
    store: createRollUpStore(client, LEDGER_TABLE),
    offsetMinutes: 0,
    clock: stage.world.clock(actor),
    logger: createWorldLogger(stage, actor),
  });
}

/** The hours that events began in must say what the events say, and no slice may have drifted unmarked. */
export async function checkRollUps(
  { tables, logged }: Pick<Stage, 'tables' | 'logged'>,
  events: readonly UsageEvent[],
): Promise<string[]> {
  const store = storeOf(tables);
  const broken: string[] = [];
  const byHour = Map.groupBy(events, ({ startedAt }) => Math.floor(startedAt / HOUR_MS) * HOUR_MS);
  for (const [hour, own] of byHour) {
    const due = noSums();
    for (const { closing } of own) if (closing) addSums(due, { ...closing, requests: 1, succeeded: 0 });
    const stored = await store.read('hour', hour);
    const found = noSums();
    for (const row of stored?.rollUp.values() ?? []) if (row.dimension === 'all') addSums(found, row.sums);
    const [wanted, had] = [comparable(due), comparable(found)];
    if (wanted !== had)
      broken.push(`roll-ups-are-the-sum: ${new Date(hour).toISOString()} says ${had}, its events ${wanted}`);
  }
  if (logged.some(({ event }) => event === 'ledger_drift'))
    broken.push('roll-ups-are-the-sum: a slice drifted unmarked');
  return broken;
}

function comparable({ requests, costMicros, parts }: UsageSums): string {
  return JSON.stringify([requests, costMicros, parts]);
}

const HOUR_MS = 3_600_000;
