import {
  begin,
  next,
  type Command,
  type Machine,
  type News,
  type Step,
} from '../../../layers/core/credentials/refresh/machine.ts';
import type { Alarm, ExchangeOutcome, RefreshResult } from '../../../layers/core/credentials/refresh/outcome.ts';
import { replaceWrite } from '../../../layers/core/credentials/refresh/rules.ts';
import {
  newTokenState,
  type SealedGrant,
  type TokenRow,
  type TokenWrite,
} from '../../../layers/core/credentials/refresh/tokens.ts';
import type { RefreshPolicy, SealedValue } from '../../../layers/core/credentials/store.ts';
import { applyTokenWrite } from '../../support/apply-token-write.ts';
import type { Scenario } from './scenarios.ts';
import { nameOf, sealed } from './sealed.ts';
import { exchangeOnServer, type Server } from './server.ts';

/*
 * Everything that several refreshes of one record can meet, as one value. `moves` lists what may happen next; nothing
 * of a world is ever changed in place, so that `explore.ts` can try every order of moves.
 */

/** Who refreshes: a process with one machine in it. */
export interface Actor {
  name: string;
  machine: Machine;
  command: Command;
  /**
   * `asked`: the command is on its way. `asleep`: store or server have acted on it, and the process, which sleeps, will
   * hear the news when the clock has gone on.
   */
  stage: 'asked' | 'asleep' | 'ended' | 'dead';
  news: News | null;
  since: number;
  result: RefreshResult['outcome'] | null;
  /** Name of the token that it was given and that stands nowhere yet. */
  holds: string | null;
}

/** An exchange that was begun. */
interface Exchange {
  rotation: number;
  attempt: string;
  /** It is known to whoever made it that the refresh token was not used. */
  unused: boolean;
}

export interface World {
  now: number;
  row: TokenRow;
  server: Server;
  actors: readonly Actor[];
  /** Writes that were given up and may land all the same. */
  air: readonly TokenWrite[];
  /** Requests that were given up and may reach the server all the same. */
  travelling: readonly string[];
  left: { faults: number; ticks: number; replacements: number };
  /** What happened so far: nothing, nothing but answers of the store that were lost, or worse. */
  weather: 'calm' | 'mild' | 'wild';
  exchanges: readonly Exchange[];
  /** Attempts of which somebody was told that their outcome is unknown. */
  flagged: readonly string[];
  broken: readonly string[];
}

export interface Move {
  what: string;
  world: World;
}

const START_MS = 1_000_000;

export function createWorld(scenario: Scenario): World {
  const row: TokenRow = {
    ...newTokenState(sealed('r1')),
    upstream: 'up',
    credentialId: 'crd',
    accessToken: sealed('a1'),
    accessDigest: 'a1',
    accessExpiresAt: START_MS + 600_000,
    refreshedAt: START_MS - 1000,
    dueAt: START_MS,
    staleSince: START_MS - 1000,
  };
  return {
    now: START_MS,
    row,
    server: scenario.server,
    actors: scenario.causes.map((cause, index) =>
      actor(
        `${index}:${cause.kind}`,
        begin({ attempt: `t${index}`, owner: `p${index}`, cause, policy: scenario.policy, startedAt: START_MS }),
      ),
    ),
    air: [],
    travelling: [],
    left: { faults: scenario.faults, ticks: scenario.ticks, replacements: scenario.replacements },
    weather: 'calm',
    exchanges: [],
    flagged: [],
    broken: [],
  };
}

function actor(name: string, { machine, command }: Step): Actor {
  return { name, machine, command, stage: 'asked', news: null, since: 0, result: null, holds: null };
}

export function moves(world: World): Move[] {
  const found: Move[] = [];
  world.actors.forEach((one, index) => {
    if (one.stage === 'asked') found.push(...movesOf(world, index, one));
    if (one.stage === 'asleep' && one.news !== null && world.now > one.since) {
      found.push({ what: `${one.name} wakes up and hears of ${one.news.got}`, world: tell(world, index, one.news) });
    }
  });
  world.air.forEach((write, index) => {
    const landed = applyWrite({ ...world, air: world.air.toSpliced(index, 1) }, write).world;
    found.push({ what: 'a write that was given up lands', world: landed });
  });
  world.travelling.forEach((token, index) => {
    const { server } = exchangeOnServer(world.server, token);
    found.push({
      what: 'a request that was given up reaches the server',
      world: watchServer({ ...world, server, travelling: world.travelling.toSpliced(index, 1) }),
    });
  });
  found.push(...tick(world), ...replace(world));
  return found;
}

/**
 * What may become of one command. Hearing of an answer changes nothing for the others, so an answer is heard at once,
 * or when the clock has gone on; whatever the others do in between, they may as well do before the next command.
 */
function movesOf(world: World, index: number, one: Actor): Move[] {
  const { command } = one;
  switch (command.do) {
    case 'read':
      return movesOfRead(world, index, one);
    case 'wait':
      return [{ what: `${one.name} looks again`, world: tellAll(world, index, [{ got: 'woken' }, rowOf(world)]) }];
    case 'write': {
      const { world: written, news } = applyWrite(world, command.write);
      const air = fault(world, 'wild').map((spent) => ({
        what: `${one.name} gives up a write that is on its way`,
        world: tell({ ...spent, air: [...spent.air, command.write] }, index, { got: 'lost' }),
      }));
      return [...movesOfStore({ before: world, after: written }, index, news), ...air];
    }
    case 'put-aside': {
      const isInTime = command.why === 'superseded' && command.row.rotation === world.row.rotation;
      const after = isInTime ? breaks(world, `late-answers-count: ${one.name} could have saved its tokens`) : world;
      return movesOfStore({ before: world, after: keep(after, command.grant) }, index, { got: 'written' });
    }
    case 'exchange':
      return movesOfExchange(world, index, command.row);
    case 'done':
      return [];
  }
}

function rowOf({ row }: World): News {
  return { got: 'row', row };
}

function movesOfRead(world: World, index: number, one: Actor): Move[] {
  return [
    { what: `${one.name} reads`, world: tell(world, index, rowOf(world)) },
    ...fault(world, 'mild').map((spent) => ({
      what: `${one.name} cannot read`,
      world: tell(spent, index, { got: 'lost' }),
    })),
    ...fault(world, 'wild').map((spent) => ({ what: `${one.name} dies before it reads`, world: kill(spent, index) })),
  ];
}

/** A call of the store: made and heard, made and not heard, not made; and the process may die before and after it. */
function movesOfStore({ before, after }: { before: World; after: World }, index: number, news: News): Move[] {
  const { name, command } = before.actors[index]!;
  const lost: News = { got: 'lost' };
  const what = (text: string): string => `${name}: ${command.do} (${news.got})${text}`;
  return [
    { what: what(''), world: tell(after, index, news) },
    ...fallAsleep(after, index, news).map((world) => ({ what: what(', asleep'), world })),
    ...fault(before, 'mild').map((world) => ({ what: what(' does not get through'), world: tell(world, index, lost) })),
    ...fault(after, 'mild').map((world) => ({ what: what(', answer lost'), world: tell(world, index, lost) })),
    ...fault(before, 'wild').map((world) => ({ what: what(' not made, dies'), world: kill(world, index) })),
    ...fault(after, 'wild').map((world) => ({ what: what(', dies'), world: kill(world, index) })),
  ];
}

function movesOfExchange(given: World, index: number, row: TokenRow): Move[] {
  const one = given.actors[index]!;
  const token = nameOf(row.refreshToken);
  const what = (text: string): string => `${one.name} exchanges ${token}: ${text}`;
  const begun = beginExchange(given, one, row);
  const { server, answer } = exchangeOnServer(begun.server, token);
  const answered = watchServer({ ...begun, server });
  const news: News = { got: 'outcome', outcome: answer };
  const unknown: News = { got: 'outcome', outcome: { kind: 'unknown', text: 'no answer' } };
  const definite = (['not-sent', 'refused', 'server-error'] as const).map((kind): ExchangeOutcome =>
    kind === 'not-sent' ? { kind, text: kind } : { kind, text: kind, retryAfterMs: null },
  );
  const found: Move[] = [
    { what: what(answer.kind), world: tell(answered, index, news) },
    ...fallAsleep(answered, index, news).map((world) => ({ what: what(`${answer.kind}, asleep`), world })),
  ];
  for (const spent of fault(given, 'wild')) found.push({ what: what('dies before'), world: kill(spent, index) });
  for (const spent of fault(begun, 'wild')) {
    for (const outcome of definite) {
      found.push({ what: what(outcome.kind), world: tell(spent, index, { got: 'outcome', outcome }) });
    }
    const travelling = [...spent.travelling, token];
    found.push(
      { what: what('never arrives'), world: tell(spent, index, unknown) },
      { what: what('given up on its way'), world: tell({ ...spent, travelling }, index, unknown) },
      { what: what('never arrives, dies'), world: kill(spent, index) },
      { what: what('dies with the request on its way'), world: kill({ ...spent, travelling }, index) },
    );
  }
  for (const spent of fault(answered, 'wild')) {
    found.push(
      { what: what('the answer is lost'), world: tell(spent, index, unknown) },
      { what: what('dies before the answer'), world: kill(spent, index) },
    );
  }
  return found;
}

/** The world with one fault less to come; none where all were spent. */
function fault(world: World, weather: 'mild' | 'wild'): World[] {
  if (world.left.faults === 0) return [];
  const left = { ...world.left, faults: world.left.faults - 1 };
  return [{ ...world, weather: world.weather === 'wild' ? 'wild' : weather, left }];
}

function kill(world: World, index: number): World {
  return withActor(world, index, { ...world.actors[index]!, stage: 'dead', news: null, holds: null });
}

/** A process may sleep only where the clock can go on meanwhile. */
function fallAsleep(world: World, index: number, news: News): World[] {
  if (world.left.ticks === 0) return [];
  return [withActor(world, index, { ...world.actors[index]!, stage: 'asleep', news, since: world.now })];
}

function tellAll(world: World, index: number, all: readonly News[]): World {
  return all.reduce((told, news) => tell(told, index, news), world);
}

function tell(given: World, index: number, news: News): World {
  const one = given.actors[index]!;
  let world = given;
  let { holds } = one;
  if (news.got === 'outcome') {
    world = hearOutcome(world, one, news.outcome);
    if (news.outcome.kind === 'granted') holds = namesIn(news.outcome.grant);
  }
  const { machine, command, alarms } = next(one.machine, news, world.now);
  const isDone = command.do === 'done';
  const moved: Actor = {
    ...one,
    machine,
    command,
    stage: isDone ? 'ended' : 'asked',
    news: null,
    since: 0,
    result: isDone ? command.result.outcome : null,
    holds,
  };
  world = alarms.reduce(raise, withActor(world, index, moved));
  const left = world.actors[index]!.holds;
  return isDone && left !== null
    ? breaks(world, `every-token-is-saved: ${one.name} received ${left}, and it is nowhere`)
    : world;
}

function hearOutcome(world: World, { machine }: Actor, { kind }: ExchangeOutcome): World {
  const { attempt, policy } = machine.facts;
  const isUnused =
    kind === 'not-sent' || kind === 'refused' || (kind === 'server-error' && policy.serverError === 'not-consumed');
  if (!isUnused) return world;
  const exchanges = world.exchanges.map((one) => (one.attempt === attempt ? { ...one, unused: true } : one));
  return { ...world, exchanges };
}

function raise(world: World, { event, attempt, grant }: Alarm): World {
  const told =
    event === 'credential_refresh_ambiguous' && !world.flagged.includes(attempt)
      ? { ...world, flagged: [...world.flagged, attempt].toSorted() }
      : world;
  return grant === null ? told : keep(told, grant);
}

function applyWrite(world: World, write: TokenWrite): { world: World; news: News } {
  const { row: before } = world;
  const row = applyTokenWrite(before, write);
  if (row === null) return { world, news: { got: 'refused', row: before } };
  let after: World = { ...world, row };
  if (write.set.savedBy !== undefined) {
    after = keep(after, row);
    if (nameOf(before.refreshToken)[0] !== (nameOf(row.refreshToken)[0] ?? '')) {
      after = breaks(
        after,
        `the-operator-is-not-overruled: ${nameOf(row.refreshToken)} over ${nameOf(before.refreshToken)}`,
      );
    }
    if (row.refreshToken === null) after = breaks(after, 'the-refresh-token-stays: it is gone');
    if (isOlder(row.refreshToken, before.refreshToken)) {
      after = breaks(after, `no-token-comes-back: ${nameOf(row.refreshToken)} over ${nameOf(before.refreshToken)}`);
    }
  }
  if (row.invalid !== null && before.invalid === null && isGood(world.server, nameOf(row.refreshToken))) {
    after = breaks(after, `no-good-token-is-disabled: ${nameOf(row.refreshToken)} is good`);
  }
  return { world: after, news: { got: 'written' } };
}

function isGood(server: Server, token: string): boolean {
  return exchangeOnServer(server, token).answer.kind === 'granted';
}

function isOlder(one: SealedValue | null, other: SealedValue | null): boolean {
  const [left, right] = [nameOf(one), nameOf(other)];
  return left[0] === right[0] && Number(left.slice(1)) < Number(right.slice(1));
}

export function insists({ machine: { facts } }: Actor): boolean {
  return facts.cause.kind === 'manual' && facts.cause.onceMore;
}

/** The promise that matters most is checked where an exchange begins. */
function beginExchange(world: World, { machine, name }: Actor, row: TokenRow): World {
  const { attempt, policy } = machine.facts;
  const rotation = row.rotation;
  const others = world.exchanges.filter((exchange) => exchange.rotation === rotation && !exchange.unused);
  // A process that was asleep may find itself taken over; that is what the operator's word is for.
  const isAllowed = policy.ambiguous === 'send-once-more' || world.actors.some((one) => insists(one));
  const begun = { ...world, exchanges: [...world.exchanges, { rotation, attempt, unused: false }] };
  if (others.length === 0 || (isAllowed && others.length < 2)) return begun;
  return breaks(begun, `one-exchange-per-rotation: ${name} begins another one of rotation ${rotation}`);
}

function watchServer(world: World): World {
  if (!world.server.families.some(({ revoked }) => revoked)) return world;
  return breaks(world, 'nothing-is-revoked: the server has seen a refresh token twice');
}

/** A server that rotates is known by its refresh tokens, another one by its access tokens. */
function namesIn({ refreshToken, accessToken }: Pick<SealedGrant, 'refreshToken' | 'accessToken'>): string {
  return nameOf(refreshToken) || nameOf(accessToken);
}

/** These tokens stand in the row, lie aside, or were logged sealed. */
function keep(world: World, { refreshToken, accessToken }: Pick<SealedGrant, 'refreshToken' | 'accessToken'>): World {
  const names = [nameOf(refreshToken), nameOf(accessToken)];
  if (!world.actors.some(({ holds }) => holds !== null && names.includes(holds))) return world;
  const actors = world.actors.map((one) =>
    one.holds !== null && names.includes(one.holds) ? { ...one, holds: null } : one,
  );
  return { ...world, actors };
}

export function breaks(world: World, promise: string): World {
  return world.broken.includes(promise) ? world : { ...world, broken: [...world.broken, promise] };
}

function withActor(world: World, index: number, one: Actor): World {
  return { ...world, actors: world.actors.with(index, one) };
}

/** The clock goes on to the next moment at which something looks different. */
function tick(world: World): Move[] {
  const { row, left, now } = world;
  if (left.ticks === 0 || world.actors.every(({ stage }) => stage === 'ended' || stage === 'dead')) return [];
  const moments = [row.lease?.until, row.lease && row.lease.until - 10_000, row.backOff?.until];
  return [...new Set(moments)]
    .filter((at) => typeof at === 'number' && at > now)
    .map((at) => ({
      what: `the clock goes on to ${Number(at) - START_MS} ms`,
      world: { ...world, now: Number(at), left: { ...left, ticks: left.ticks - 1 } },
    }));
}

/** The operator gives a refresh token of another family. */
function replace(world: World): Move[] {
  const { left, row, now } = world;
  if (left.replacements === 0) return [];
  const given = applyTokenWrite(row, replaceWrite(row, sealed('x1'), now));
  if (given === null) return [];
  const after = { ...world, row: given, left: { ...left, replacements: left.replacements - 1 } };
  return [{ what: 'the operator gives another refresh token', world: after }];
}

/** A sweep comes by, without faults: what it finds and leaves. */
export function sweep(given: World, policy: RefreshPolicy): World {
  let world: World = { ...given, left: { faults: 0, ticks: 0, replacements: 0 }, air: [], travelling: [] };
  for (let visit = 0; visit < 2; visit += 1) {
    const { dueAt } = world.row;
    if (dueAt === null) return world;
    const now = Math.max(world.now, dueAt);
    const cause = { kind: 'schedule', staleBefore: null } as const;
    const visitor = actor('sweep', begin({ attempt: `s${visit}`, owner: 'sweep', cause, policy, startedAt: now }));
    const index = world.actors.length;
    world = { ...world, now, actors: [...world.actors, visitor] };
    while (world.actors[index]!.stage !== 'ended')
      world = moves(world).find(({ what }) => what.startsWith('sweep'))!.world;
  }
  return world;
}
