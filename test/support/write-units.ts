import type { FakeUpstream } from './fake-upstream.ts';
import { chatBody, jsonOf } from './fake-upstream.ts';
import { importInto, marker, until } from './gateway.ts';
import { createLimitedKey, type LimitedKey } from './limited-key.ts';
import { ownUserId, readLedgerAccount } from './ledger.ts';
import { createGate, createLoad } from './load.ts';
import type { Stack } from './stack.ts';
import { storeCountersOf, sumUnits } from './store-counters.ts';

/** What one request writes, counted by the table service, while so many holds are open on its ledger account. */
export interface WriteUnits {
  openHolds: number;
  limitedKeys: number;
  /** Mean write units of one request, index units included, all tables. */
  perRequest: number;
  transactions: number;
  /** Mean units by operation and table, for whoever wants to know where they go. */
  byOperation: Record<string, number>;
}

const MODEL = 'write-units';
const REQUESTS = 20;

/** Every kind of limit, none of which binds. */
export const EVERY_LIMIT = {
  requestsPerMinute: 1_000_000,
  tokensPerDay: 1_000_000_000,
  perDay: { chat: 1_000_000, heavy: 1_000_000 },
  budgetMicrosPerMonth: 1_000_000_000,
  maxConcurrent: 1000,
};

function bodyOf(mark: string): string {
  const messages = [{ role: 'user', content: `A question of some length, as people ask it, about ${mark}` }];
  return JSON.stringify({ model: MODEL, max_tokens: 500, messages });
}

/**
 * Measures for each number of open holds, the request's own included.
 * @param upstream serves the model; requests with the word "wait" are held until the measurement is over
 */
export async function measureWriteUnits(
  stack: Stack,
  upstream: FakeUpstream,
  facts: { openHolds: readonly number[]; limitedKeys: number },
): Promise<WriteUnits[]> {
  const admin = await importInto(stack.ready, {
    version: 1,
    upstreams: [{ name: MODEL, format: 'openai-chat', vendor: 'openai-compatible', baseUrl: upstream.baseUrl }],
    credentials: [{ upstream: MODEL, name: 'only', secret: 'write-units-secret' }],
    models: [
      { name: MODEL, routes: [{ upstream: MODEL, model: 'up' }], price: { inputPerMillion: 1, outputPerMillion: 2 } },
    ],
  });
  const userId = await ownUserId(admin);
  const keys: LimitedKey[] = [];
  for (let index = 0; index < facts.limitedKeys; index += 1) keys.push(await createLimitedKey(admin, EVERY_LIMIT));
  const load = createLoad(stack.ready, Math.max(...facts.openHolds));
  const counters = storeCountersOf(stack.dataDirectory);
  const secretOf = (index: number): string => keys[index % keys.length]?.secret ?? stack.ready.apiKey;
  const holds = async (): Promise<number> => {
    const account = await readLedgerAccount(admin, userId).catch(() => null);
    return account === null ? 0 : Object.keys(account.holds).length;
  };
  const gate = createGate();
  upstream.answer(({ body }) => [
    ...(body.includes('wait') ? [{ waitFor: gate.opened }] : []),
    ...jsonOf(chatBody('Answered')),
  ]);
  const found: WriteUnits[] = [];
  const waiting: Promise<unknown>[] = [];
  try {
    // The first request of each key is another matter: it makes the counters.
    for (const key of keys) await load.call({ secret: key.secret, body: bodyOf(marker()) });
    for (const openHolds of facts.openHolds) {
      while (waiting.length < openHolds - 1) {
        waiting.push(load.call({ secret: secretOf(waiting.length), body: bodyOf(`wait ${marker()}`) }));
      }
      await until(async () => (await holds()) === openHolds - 1);
      await counters.reset();
      for (let index = 0; index < REQUESTS; index += 1) {
        const { status, body } = await load.call({ secret: secretOf(index), body: bodyOf(marker()) });
        if (status !== 200) throw new Error(`${status}: ${body}`);
      }
      // A whole answer has arrived a moment before its settlement is written.
      await until(async () => (await holds()) === openHolds - 1);
      found.push({ openHolds, limitedKeys: facts.limitedKeys, ...meansOf(await counters.read()) });
    }
  } finally {
    gate.open();
    await Promise.allSettled(waiting);
    load.close();
  }
  return found;
}

function meansOf(
  counters: Parameters<typeof sumUnits>[0],
): Pick<WriteUnits, 'perRequest' | 'transactions' | 'byOperation'> {
  const byOperation: Record<string, number> = {};
  for (const [table, operations] of Object.entries(counters)) {
    for (const [operation, { writeUnits }] of Object.entries(operations)) {
      if (writeUnits > 0) byOperation[`${operation} ${table}`] = writeUnits / REQUESTS;
    }
  }
  return {
    perRequest: sumUnits(counters).writeUnits / REQUESTS,
    transactions: sumUnits(counters, /./, /Transact/).calls,
    byOperation,
  };
}
