import { GatewayError } from '../../layers/kit/errors/gateway-error.ts';
import { createRequestId } from '../../layers/kit/ids/request-id.ts';
import { createLogger } from '../../layers/kit/log/logger.ts';
import { createSignedTableClient } from '../../layers/aws/signed-table-client.ts';
import type { TableClient } from '../../layers/aws/table-client.ts';
import { createSweepStore, createUsageStore } from '../../layers/aws/tables/ledger.ts';
import { createAccountPassStore, createLedgerAccountStore } from '../../layers/aws/tables/ledger-account.ts';
import type { Price, QuotaClass } from '../../layers/core/catalog/store.ts';
import type {
  JointAccountWrites,
  LedgerAccount,
  LedgerAccountStore,
} from '../../layers/core/metering/account-store.ts';
import type { Demand } from '../../layers/core/metering/decision.ts';
import { createGroupCommit } from '../../layers/core/metering/group-commit.ts';
import type { LimitedScope, ScopeLimits } from '../../layers/core/metering/limits.ts';
import { createMetering, type MeteredRequest, type Metering } from '../../layers/core/metering/metering.ts';
import type { RepairDeps } from '../../layers/core/metering/repair.ts';
import { voidClosing } from '../../layers/core/metering/settlement.ts';
import { NO_USAGE, type UsageClosing, type UsageStore } from '../../layers/core/metering/store.ts';
import { sweepHolds, type SweepReport } from '../../layers/core/metering/sweep-holds.ts';
import { createQuotaPoolStore } from '../../layers/aws/tables/quota-pools.ts';
import { logOwedUse } from '../../layers/core/sharing/log-use.ts';
import type { OwedUse } from '../../layers/core/sharing/store.ts';
import { startEmbeddedTables, type EmbeddedTables } from './embedded-tables.ts';

/** Metering processes over one embedded table, with clocks of their own and store calls that can go wrong. */
export interface MeteringStage {
  embedded: EmbeddedTables;
  client: TableClient;
  accounts: LedgerAccountStore & JointAccountWrites;
  usage: UsageStore;
  log: string[];
  /** Milliseconds since the epoch, of every process that has no skew. */
  now: number;
  /** Another process, with views of its own. */
  process(options?: ProcessOptions): Process;
  account(userId?: string): Promise<LedgerAccount>;
  sweep(olderThanMs?: number): Promise<SweepReport>;
  repairDeps: RepairDeps;
  /** Another user for each test. */
  userId: string;
  nextUser(): void;
  close(): Promise<void>;
}

interface ProcessOptions {
  skewMs?: number;
  accounts?: Partial<LedgerAccountStore & JointAccountWrites>;
  usage?: Partial<UsageStore>;
  /** Writes of one account go together. */
  grouped?: boolean;
}

export interface Process {
  metering: Metering;
  clock(): number;
  /** Comes in; the request is returned settled when it was refused. */
  begin(asked?: Asked): Promise<Begun>;
  end(begun: Begun, figures?: Partial<UsageClosing>): Promise<void>;
}

export interface Asked {
  key?: ScopeLimits;
  user?: ScopeLimits;
  class?: QuotaClass;
  demand?: Partial<Demand>;
  requestId?: string;
}

export interface Begun {
  request: MeteredRequest;
  refused: GatewayError | null;
  headers: Record<string, string>;
  outputCap: number | null;
}

const KEY_ID = 'key_abcdefgh23456723';
export const PRICE: Price = {
  version: 1,
  inputMicros: 1_000_000,
  outputMicros: 2_000_000,
  cacheReadMicros: 100_000,
  cacheWrite5mMicros: 0,
  cacheWrite1hMicros: 0,
  reasoningMicros: null,
  audioMicros: null,
  imageMicros: null,
};

/** 100 tokens: 60 in, 40 out. */
export const USED: Partial<UsageClosing> = {
  source: 'reported',
  parts: { ...NO_USAGE, input: 60, output: 40 },
  costMicros: 140,
  status: 200,
  error: null,
};

export async function startMeteringStage(startMs: number): Promise<MeteringStage> {
  const embedded = await startEmbeddedTables();
  // A thousand calls at once wait for connections on a slow machine; how long they may is not what is shown here.
  const client = createSignedTableClient({ aws: embedded.aws, answerTimeoutMs: 60_000 });
  const accounts = createLedgerAccountStore(client, embedded.tables.ledger);
  const usage = createUsageStore(client, embedded.tables.ledger);
  const log: string[] = [];
  const logger = createLogger((line) => log.push(line));
  const findPrice = async (): Promise<Price> => PRICE;
  let users = 0;

  const stage: MeteringStage = {
    embedded,
    client,
    accounts,
    usage,
    log,
    now: startMs,
    userId: 'usr_0',
    nextUser() {
      users += 1;
      stage.userId = `usr_${users}`;
    },
    async account(userId = stage.userId) {
      const found = await accounts.read(userId, { consistent: true });
      if (!found) throw new Error(`There is no account ${userId}`);
      return found;
    },
    repairDeps: { usage, accounts, findPrice, clock: () => stage.now, logger },
    async sweep(olderThanMs) {
      const pools = createQuotaPoolStore(client, embedded.tables.ledger);
      const deps = {
        ...stage.repairDeps,
        accounts,
        sweep: createSweepStore(client, embedded.tables.ledger),
        pass: createAccountPassStore(client, embedded.tables.ledger),
        logOwedUse: (owed: OwedUse) => logOwedUse({ pools, clock: () => stage.now }, owed),
      };
      let report = await sweepHolds(deps, { olderThanMs });
      while (report.more) report = await sweepHolds(deps, { olderThanMs });
      return report;
    },
    process: (options = {}) => createProcess(stage, options, { findPrice, logger }),
    async close() {
      await client.close();
      await embedded.close();
    },
  };
  return stage;
}

function createProcess(
  stage: MeteringStage,
  { skewMs = 0, accounts, usage, grouped = false }: ProcessOptions,
  common: { findPrice(): Promise<Price>; logger: ReturnType<typeof createLogger> },
): Process {
  const clock = (): number => stage.now + skewMs;
  // Pauses between tries pass at once; the monotonic clock is the wall clock.
  const after = (_delayMs: number, callback: () => void): (() => void) => {
    const timer = setImmediate(callback);
    return () => clearImmediate(timer);
  };
  const own = { ...stage.accounts, ...accounts };
  const metering = createMetering({
    ...common,
    usage: { ...stage.usage, ...usage },
    // Patience never ends, so that what waits is always sent together.
    accounts: grouped ? createGroupCommit({ accounts: own, scheduler: { after: () => () => undefined } }) : own,
    clock,
    scheduler: { monotonicMs: clock, after },
    timeZoneOffsetMinutes: 0,
  });
  const end = (begun: Begun, figures: Partial<UsageClosing> = USED): Promise<void> =>
    metering.settle(begun.request, { ...voidClosing(clock()), ...figures });
  return { metering, clock, begin: (asked = {}) => begin({ stage, metering, clock, end }, asked), end };
}

interface Parts extends Omit<Process, 'begin'> {
  stage: MeteringStage;
}

async function begin({ stage, metering, clock, end }: Parts, asked: Asked): Promise<Begun> {
  const requestId = asked.requestId ?? createRequestId(clock());
  const demand: Demand = {
    inputTokens: 100,
    clientMaxOutput: 50,
    modelMaxOutput: null,
    choices: 1,
    units: 1,
    price: PRICE,
    ...asked.demand,
  };
  const scopes: LimitedScope[] = [
    { owner: 'key', scope: `k:${KEY_ID.slice(4, 12)}`, limits: asked.key ?? {} },
    { owner: 'user', scope: 'u', limits: asked.user ?? {} },
  ];
  const event = {
    requestId,
    userId: stage.userId,
    keyId: KEY_ID,
    model: 'gpt-5',
    format: 'openai-chat',
    stream: false,
    startedAt: clock(),
    inputEstimate: demand.inputTokens,
    priceVersion: 1,
    clientRequestId: null,
    clientApp: null,
  };
  const begun: Begun = {
    request: { event, ticket: null, holds: new Map() },
    refused: null,
    headers: {},
    outputCap: null,
  };
  const wanted = { requestId, accountId: stage.userId, scopes, class: asked.class ?? 'chat', demand };
  try {
    begun.request.ticket = await metering.prepare(wanted);
  } catch (error) {
    // Refused from memory: nothing was written, so there is nothing to settle.
    return { ...begun, refused: error as GatewayError };
  }
  try {
    const admitted = await metering.admit(begun.request);
    if (admitted) Object.assign(begun, { headers: admitted.headers, outputCap: admitted.outputCap });
  } catch (error) {
    begun.refused = error as GatewayError;
    const { status, code } = begun.refused;
    await end(begun, { source: 'void', status, error: code });
  }
  return begun;
}

/** The store's call is applied, and its answer is lost. */
export function answerLost<Given extends unknown[], Answer>(
  call: (...given: Given) => Promise<Answer>,
  times = 1,
): (...given: Given) => Promise<Answer> {
  let left = times;
  return async (...given) => {
    const answer = await call(...given);
    if (left <= 0) return answer;
    left -= 1;
    throw lost();
  };
}

/** The store's call goes under way, and arrives when the test says so: its answer is lost at once. */
export function delayed<Given extends unknown[], Answer>(
  call: (...given: Given) => Promise<Answer>,
): { call(...given: Given): Promise<Answer>; arrive(): Promise<void> } {
  const waiting: (() => Promise<unknown>)[] = [];
  let isFirst = true;
  return {
    async call(...given) {
      if (!isFirst) return call(...given);
      isFirst = false;
      waiting.push(() => call(...given));
      throw lost();
    },
    async arrive() {
      for (const send of waiting.splice(0)) await send();
    },
  };
}

export function lost(): GatewayError {
  return new GatewayError('store_unavailable', { message: 'The data store did not answer. Please try again.' });
}
