import { createCarriers } from '@sluice/core/relay/carriers';
import { createTableOperations } from '../../layers/aws/table-operations.ts';
import { createAccountPassStore, createLedgerAccountStore } from '../../layers/aws/tables/ledger-account.ts';
import { createSweepStore, createUsageStore } from '../../layers/aws/tables/ledger.ts';
import { sweepHolds, type SweepDeps } from '../../layers/core/metering/sweep-holds.ts';
import { createFront, type Handle } from '../../layers/core/relay/front.ts';
import { RELAY_TIMERS } from '../../layers/core/relay/timers.ts';
import type { UpstreamClient } from '../../layers/kit/http/upstream-client.ts';
import type { Logger } from '../../layers/kit/log/logger.ts';
import { OPENAI_CHAT } from '../../layers/llm/formats/openai-chat/openai-chat.ts';
import { RELAY_ROUTES } from '../../functions/relay/routes.ts';
import { aCredential, aKey, aModel, anUpstream, aUser, SECRET } from '../core/relay/rig.ts';
import { createMemoryPoolStates } from '../support/memory-pool-states.ts';
import {
  createMemoryCatalogStore,
  createMemoryIdentityStore,
  createMemoryVaultStore,
} from '../support/memory-stores.ts';
import { digestApiKey } from '../../layers/core/identity/api-keys.ts';
import type { Breakage } from './breakages.ts';
import type { FaultPlan } from './faults.ts';
import type { ProcessStores } from './process-stores.ts';
import { createFaultyTransport } from './faulty-transport.ts';
import type { Scenario } from './scenarios.ts';
import { LEDGER_TABLE, type Tables } from './tables.ts';
import { createWorldUpstream, type SeenCall } from './upstream.ts';
import type { Actor, World } from './world.ts';

/** Where one run is played: the world, the tables, and all processes that work on them. */
export interface Stage {
  world: World;
  tables: Tables;
  plan: FaultPlan;
  scenario: Scenario;
  /** What the upstreams saw. */
  calls: SeenCall[];
  inspect(request: string): void;
  /** What the processes logged as warnings and errors. */
  logged: { actor: string; event: string; fields: Record<string, unknown> }[];
  breakage: Breakage | null;
}

export const USER = 'usr_1';
const KEY = 'key_1';
export { SECRET };

const PRICE = {
  version: 1,
  inputMicros: 1_000_000,
  outputMicros: 2_000_000,
  cacheReadMicros: 0,
  cacheWrite5mMicros: 0,
  cacheWrite1hMicros: 0,
  reasoningMicros: null,
  audioMicros: null,
  imageMicros: null,
};

function createStores(
  stage: Stage,
  actor: Actor,
): ProcessStores & { client: ReturnType<typeof createTableOperations> } {
  const transport = createFaultyTransport(stage, actor);
  const client = createTableOperations(stage.breakage?.transport?.(transport) ?? transport, {
    sleep: stage.world.sleep(actor),
  });
  const stores: ProcessStores = {
    usage: createUsageStore(client, LEDGER_TABLE),
    accounts: createLedgerAccountStore(client, LEDGER_TABLE),
    sweep: createSweepStore(client, LEDGER_TABLE),
  };
  return { ...(stage.breakage?.stores?.(stores) ?? stores), client };
}

/** One relay process, as the function makes it. */
export function createRelayProcess(stage: Stage, actor: Actor): Handle {
  const { world, scenario } = stage;
  const { usage, accounts } = createStores(stage, actor);
  const upstreamClient: UpstreamClient = createWorldUpstream(stage, actor);
  const credentials = Array.from({ length: scenario.credentials ?? 1 }, (_, index) =>
    aCredential('first', String.fromCharCode(97 + index)),
  );
  const clock = world.clock(actor);
  return createFront({
    routes: RELAY_ROUTES,
    defaultFormat: OPENAI_CHAT,
    clock: stage.breakage?.clock?.(clock) ?? clock,
    scheduler: world.scheduler(actor),
    random: () => 0.5,
    logger: createWorldLogger(stage, actor),
    buildId: 'build-1',
    timers: RELAY_TIMERS,
    upstreamClient,
    identity: createMemoryIdentityStore({
      users: [aUser({ id: USER, role: scenario.role, createdAt: world.nowMs })],
      keys: [aKey({ id: KEY, ownerId: USER, limits: scenario.limits })],
    }),
    catalog: createMemoryCatalogStore({
      models: [aModel({ name: 'chat', price: PRICE }), aModel({ name: 'heavy', class: 'heavy', price: PRICE })],
      settings: { allowedUpstreamNetworks: ['127.0.0.0/8'] },
    }),
    vault: createMemoryVaultStore({ upstreams: [anUpstream('first', 'http://127.0.0.1:1/v1')], credentials }),
    poolStates: createMemoryPoolStates(),
    usage,
    accounts,
    findPrice: async () => PRICE,
    timeZoneOffsetMinutes: 0,
    opener: { open: async (sealed) => sealed.ciphertext },
    carriers: createCarriers({ seeds: { v1: 'a seed of the test' } }),
    signUpstream: () => Promise.reject(new Error('Nothing is signed here')),
    digestsOf: (secret) => [digestApiKey({ pepper: 'pepper', secret })],
  });
}

/** One run of the sweep in a process of its own. */
export async function runSweep(stage: Stage, actor: Actor): Promise<void> {
  const { client, usage, accounts, sweep } = createStores(stage, actor);
  const deps: SweepDeps = {
    usage,
    accounts,
    sweep,
    pass: createAccountPassStore(client, LEDGER_TABLE),
    findPrice: async () => PRICE,
    clock: stage.world.clock(actor),
    logger: createWorldLogger(stage, actor),
  };
  await sweepHolds(deps, { olderThanMs: SWEEP_AGE_MS });
}

/** By hand, so that accounts are passed too; the same age as by itself. */
const SWEEP_AGE_MS = 19 * 60_000;

export function createWorldLogger(stage: Stage, actor: Actor): Logger {
  const write = (event: string, fields: object = {}): void => {
    stage.logged.push({ actor: actor.name, event, fields: fields as Record<string, unknown> });
  };
  return { info: () => undefined, warn: write, error: write };
}
