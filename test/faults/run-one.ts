import { createTableOperations } from '../../layers/aws/table-operations.ts';
import { createSweepStore } from '../../layers/aws/tables/ledger.ts';
import type { TableContext } from '../../layers/aws/names.ts';
import { auditTables } from './audit.ts';
import { check, inspectCall, readEvents, type Remains } from './check.ts';
import { chatRequest, createClient, type Seen } from './client.ts';
import { scriptedFaults, type FaultPlan } from './faults.ts';
import { limitsOf } from './limits-of.ts';
import { prepareAccount, renewPlan } from './plans.ts';
import { beginRedemptions, checkRedemptions, makeCodes } from './redemptions.ts';
import { checkRollUps, prepareRollUps, runRollUp } from './roll-ups.ts';
import type { Scenario } from './scenarios.ts';
import { seedTables } from './seed.ts';
import { createRelayProcess, runSweep, SECRET, type Stage } from './stage.ts';
import { LEDGER_TABLE, openTables } from './tables.ts';
import type { SeenCall } from './upstream.ts';
import { wayOf } from './ways.ts';
import { createWorld, type Chooser, type World } from './world.ts';

/** What became of one run. */
export interface Run {
  broken: string[];
  /** Everything that happened, in order. */
  log: readonly string[];
  /** Scripted faults whose place nobody came to. */
  unmet: number;
}

/** A Saturday noon; nothing in a run reads the machine's clock. */
const START = Date.UTC(2026, 10, 21, 12, 0, 30);

/** More than the margin and what the clocks differ by. */
const LONG_AFTER_MS = 20.5 * 60_000;

/** Plays one scenario under one plan of faults, sweeps, and looks at what is left. */
export async function runOne(
  scenario: Scenario,
  { plan: chosen, choose, script = [] }: { plan: FaultPlan; choose: Chooser; script?: readonly string[] },
): Promise<Run> {
  const world = createWorld(START, choose);
  const plan = scriptedFaults([...(scenario.given ?? []), ...script], chosen);
  const opened = await openTables(contextsOf(scenario));
  const { tables, audit } = auditTables(opened, limitsOf(scenario), (partition) => way.wrote(stage, partition));
  const way = wayOf(scenario);
  const calls: SeenCall[] = [];
  let sweepsByHand = scenario.sweptByHand ? 1 : 0;
  const inspect: Stage['inspect'] = (...call) => {
    inspectCall({ audit, scenario }, ...call);
    for (; sweepsByHand > 0; sweepsByHand -= 1) beginSweep(stage, 'sweep by hand', 0);
  };
  const stage: Stage = { world, tables, plan, scenario, calls, inspect, logged: [], redeemers: [] };
  try {
    await prepare(stage);
    await way.prepare(stage);
    let wasFrozen = false;
    world.onFrozen(() => {
      wasFrozen = true;
      if (scenario.requests.length > 0) beginSweep(stage, 'sweep meanwhile');
    });
    const clients = beginRequests(stage);
    const add = (action: Parameters<World['add']>[0], afterMs: number): void => addLater(stage, action, afterMs);
    beginRedemptions(stage, add);
    way.begin(stage, add);
    await world.drain();
    await sweepTwiceAtOnce(stage);
    world.release();
    await world.drain();
    if (scenario.rollsUp) await closeSlicesAndMore(stage);
    plan.end();
    const failures = await sweepInPeace(stage);
    if (scenario.rollsUp) failures.push(...(await rollUpInPeace(stage)));
    const { logged } = stage;
    const remains: Remains = {
      tables,
      audit,
      clients,
      calls,
      logged,
      nowMs: world.nowMs,
      limitOf: limitsOf(scenario),
      wasTakenForDead: wasFrozen || scenario.sweptByHand === true,
      givenUp: scenario.givesUp ?? [],
    };
    const events = [...(await readEvents(tables)).values()];
    if (scenario.rollsUp) failures.push(...(await checkRollUps(stage, events)));
    failures.push(...(await way.check(stage)));
    if (scenario.codes) failures.push(...(await checkRedemptions(stage, audit)));
    return { broken: [...failures, ...(await check(remains))], log: world.log, unmet: plan.left() };
  } finally {
    await opened.close();
  }
}

function contextsOf({ everyStore, codes, way }: Scenario): TableContext[] {
  if (everyStore) return ['ledger', 'identity', 'catalog', 'vault'];
  return codes || way ? ['ledger', 'identity'] : ['ledger'];
}

async function prepare(stage: Stage): Promise<void> {
  const client = createTableOperations({ send: stage.tables.send, close: async () => undefined });
  await createSweepStore(client, LEDGER_TABLE).moveSweptUntil(START - 5 * 60_000);
  await prepareAccount(stage.tables, stage.scenario, START);
  if (stage.scenario.codes) await makeCodes(stage.tables, stage.scenario.codes.made, START);
  if (stage.scenario.everyStore) await seedTables(stage.tables, stage.scenario, START);
  if (stage.scenario.rollsUp) await prepareRollUps(stage.tables, START - (START % HOUR_MS));
}

/** All at once, but for those that wait for the clock; which comes first is for the world to choose. */
function beginRequests(stage: Stage): Seen[] {
  const { world, scenario, plan } = stage;
  const relays = scenario.relays.map((skewMs, index) => {
    const actor = world.actor(`relay ${index}`, skewMs);
    return { actor, handle: createRelayProcess(stage, actor) };
  });
  const clients: Seen[] = [];
  for (const [index, request] of scenario.requests.entries()) {
    const { actor, handle } = relays[request.relay]!;
    const name = `r${index}`;
    const begin = (): void => {
      const { sink, seen } = createClient({ world, plan }, actor, name);
      clients.push(seen);
      const { stream, maxTokens = 12, model = 'chat' } = request;
      void handle(chatRequest(name, { secret: SECRET, stream, maxTokens, model }), sink);
    };
    addLater(stage, { place: `${name} begins`, actor, run: begin }, request.afterMs);
  }
  if (scenario.plan) {
    const run = (): Promise<void> => renewPlan(stage.tables, scenario);
    addLater(stage, { place: 'a code is redeemed', actor: null, run }, scenario.plan.redeemedAfterMs);
  }
  return clients;
}

function addLater({ world }: Stage, action: Parameters<World['add']>[0], afterMs = 0): void {
  if (afterMs === 0) world.add(action);
  else world.scheduler(action.actor ?? world.actor('clock')).after(afterMs, () => world.add(action));
}

async function sweepTwiceAtOnce(stage: Stage): Promise<void> {
  const { world } = stage;
  world.moveClock(LONG_AFTER_MS);
  // Where nothing was called, there is nothing to sweep.
  for (const name of stage.scenario.requests.length === 0 ? [] : ['sweep 1', 'sweep 2']) beginSweep(stage, name);
  await world.drain();
}

/** A run that fails is begun again by its schedule. */
function beginSweep(stage: Stage, name: string, olderThanMs?: number): void {
  const actor = stage.world.actor(name);
  const run = (): void => void runSweep(stage, actor, olderThanMs).catch(() => undefined);
  stage.world.add({ place: 'begins', actor, run });
}

/** Nothing goes wrong any more, so this one must come to its end. */
async function sweepInPeace(stage: Stage): Promise<string[]> {
  const { world } = stage;
  world.moveClock(LONG_AFTER_MS);
  const actor = world.actor('last sweep');
  const failures: string[] = [];
  const begin = (): void => {
    runSweep(stage, actor).catch((error: unknown) => failures.push(`a-sweep-passes: ${String(error)}`));
  };
  world.add({ place: 'begins', actor, run: begin });
  await world.drain();
  return failures;
}

const HOUR_MS = 3_600_000;

/** The slices are closed while events in them are still open; then the sweep closes those, and marks their slices. */
async function closeSlicesAndMore(stage: Stage): Promise<void> {
  await rollUpTwiceAtOnce(stage);
  beginSweep(stage, 'sweep 3');
  await stage.world.drain();
  await rollUpTwiceAtOnce(stage);
}

async function rollUpTwiceAtOnce(stage: Stage): Promise<void> {
  const { world } = stage;
  world.moveClock(LONG_AFTER_MS);
  for (const name of ['roll-up 1', 'roll-up 2']) {
    const actor = world.actor(name);
    world.add({ place: 'begins', actor, run: () => void runRollUp(stage, actor).catch(() => undefined) });
  }
  await world.drain();
}

/** Late enough for the hours in which requests began to be over. */
async function rollUpInPeace(stage: Stage): Promise<string[]> {
  const { world } = stage;
  world.moveClock(2 * HOUR_MS);
  const actor = world.actor('last roll-up');
  const failures: string[] = [];
  const begin = (): void => {
    runRollUp(stage, actor).catch((error: unknown) => failures.push(`a-roll-up-passes: ${String(error)}`));
  };
  world.add({ place: 'begins', actor, run: begin });
  await world.drain();
  return failures;
}
