import { createQuotaPoolStore } from '../../layers/aws/tables/quota-pools.ts';
import { logOwedUse } from '../../layers/core/sharing/log-use.ts';
import { createMemoryContent } from '../support/memory-content.ts';
import { createMemoryHedges } from '../support/memory-hedges.ts';
import { createMemoryJobs } from '../support/memory-jobs.ts';
import { createMemoryMedia } from '../support/memory-media.ts';
import { createMemorySharing } from '../support/memory-sharing.ts';
import { createMemorySessions } from '../support/memory-sessions.ts';
import { createCarriers } from '@sluice/core/relay/carriers';
import type { TableClient } from '../../layers/aws/table-client.ts';
import { createTableOperations } from '../../layers/aws/table-operations.ts';
import { createAccountPassStore, createLedgerAccountStore } from '../../layers/aws/tables/ledger-account.ts';
import { createSweepStore, createUsageStore } from '../../layers/aws/tables/ledger.ts';
import { createGroupCommit } from '../../layers/core/metering/group-commit.ts';
import { sweepHolds, type SweepDeps } from '../../layers/core/metering/sweep-holds.ts';
import { createFront, type Handle } from '../../layers/core/relay/front.ts';
import { RELAY_TIMERS } from '../../layers/core/relay/timers.ts';
import type { UpstreamClient } from '../../layers/kit/http/upstream-client.ts';
import type { Logger } from '../../layers/kit/log/logger.ts';
import { OPENAI_CHAT } from '../../layers/llm/formats/openai-chat/openai-chat.ts';
import { RELAY_ROUTES } from '../../functions/relay/routes.ts';
import { SECRET } from '../core/relay/rig.ts';
import { digestApiKey } from '../../layers/core/identity/api-keys.ts';
import type { FaultPlan } from './faults.ts';
import { createFaultyTransport } from './faulty-transport.ts';
import type { Scenario } from './scenarios.ts';
import { PRICE, surroundingsInMemory, surroundingsInTables } from './seed.ts';
import { LEDGER_TABLE, type Tables } from './tables.ts';
import { createWorldUpstream, type SeenCall } from './upstream.ts';
import { createMemoryTokens } from '../support/memory-tokens.ts';
import type { Actor, World } from './world.ts';

/** Where one run is played: the world, the tables, and all processes that work on them. */
export interface Stage {
  world: World;
  tables: Tables;
  plan: FaultPlan;
  scenario: Scenario;
  /** What the upstreams saw. */
  calls: SeenCall[];
  inspect(request: string, credential: string): void;
  /** Who redeemed a code, and what they were told. */
  redeemers: Redeemer[];
  /** What the processes logged as warnings and errors. */
  logged: { actor: string; event: string; fields: Record<string, unknown> }[];
}

export { SECRET };

/** One call of the control plane for a redemption, and what came of it. */
export interface Redeemer {
  code: string;
  userId: string;
  attempt: string;
  /** Null: none came. */
  answer: 'redeemed' | 'unknown' | 'expired' | 'used' | 'lost-race' | 'yours' | 'failed' | null;
}

/** The client of one process over its own faulty way to the tables. */
export function createClient(stage: Pick<Stage, 'world' | 'tables' | 'plan'>, actor: Actor): TableClient {
  return createTableOperations(createFaultyTransport(stage, actor), { sleep: stage.world.sleep(actor) });
}

/** One relay process, as the function makes it. */
export function createRelayProcess(stage: Stage, actor: Actor): Handle {
  const { world, scenario } = stage;
  const client = createClient(stage, actor);
  const surroundings = scenario.everyStore ? surroundingsInTables(client) : surroundingsInMemory(scenario, world.nowMs);
  const accounts = createLedgerAccountStore(client, LEDGER_TABLE);
  const upstreamClient: UpstreamClient = createWorldUpstream(stage, actor);
  return createFront({
    routes: RELAY_ROUTES,
    defaultFormat: OPENAI_CHAT,
    clock: world.clock(actor),
    scheduler: world.scheduler(actor),
    random: () => 0.5,
    logger: createWorldLogger(stage, actor),
    buildId: 'build-1',
    timers: RELAY_TIMERS,
    upstreamClient,
    ...surroundings,
    tokens: createMemoryTokens(),
    hedges: createMemoryHedges(),
    askRefresh: () => Promise.reject(new Error('Nothing is refreshed here')),
    ...createMemorySharing(),
    sessions: createMemorySessions(),
    usage: createUsageStore(client, LEDGER_TABLE),
    accounts: scenario.grouped ? createGroupCommit({ accounts, scheduler: world.scheduler(actor) }) : accounts,
    findPrice: surroundings.catalog.findPrice,
    timeZoneOffsetMinutes: 0,
    opener: { open: async (sealed) => sealed.ciphertext },
    content: createMemoryContent(),
    ...createMemoryMedia(),
    jobs: createMemoryJobs(),
    startJob: async () => undefined,
    newestPepper: { version: 'v1', value: 'pepper' },
    pepperOf: () => 'pepper',
    postWebhook: async () => ({ failure: 'unreachable' }),
    carriers: createCarriers({ seeds: { v1: 'a seed of the test' } }),
    signUpstream: () => Promise.reject(new Error('Nothing is signed here')),
    digestsOf: (secret) => [digestApiKey({ pepper: 'pepper', secret })],
  });
}

/** One run of the sweep in a process of its own, by hand, so that accounts are passed too. */
export async function runSweep(stage: Stage, actor: Actor, olderThanMs = SWEEP_AGE_MS): Promise<void> {
  const client = createClient(stage, actor);
  const deps: SweepDeps = {
    usage: createUsageStore(client, LEDGER_TABLE),
    accounts: createLedgerAccountStore(client, LEDGER_TABLE),
    sweep: createSweepStore(client, LEDGER_TABLE),
    pass: createAccountPassStore(client, LEDGER_TABLE),
    logOwedUse: (owed) =>
      logOwedUse({ pools: createQuotaPoolStore(client, LEDGER_TABLE), clock: stage.world.clock(actor) }, owed),
    findPrice: stage.scenario.everyStore ? surroundingsInTables(client).catalog.findPrice : async () => PRICE,
    clock: stage.world.clock(actor),
    logger: createWorldLogger(stage, actor),
  };
  await sweepHolds(deps, { olderThanMs });
}

/** The same age as by itself. */
const SWEEP_AGE_MS = 19 * 60_000;

export function createWorldLogger(stage: Stage, actor: Actor): Logger {
  const write = (event: string, fields: object = {}): void => {
    stage.logged.push({ actor: actor.name, event, fields: fields as Record<string, unknown> });
  };
  return { info: () => undefined, warn: write, error: write };
}
