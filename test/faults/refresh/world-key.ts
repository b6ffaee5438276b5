import type { Machine, News } from '../../../layers/core/credentials/refresh/machine.ts';
import type { SealedGrant, TokenRow, TokenState, TokenWrite } from '../../../layers/core/credentials/refresh/tokens.ts';
import type { Actor, World } from './model.ts';

/*
 * What of a world tells what may follow from it. Two worlds of one name have the same future, so only one of them is
 * looked into. Left out is what neither the machine nor a promise ever reads again: texts, the token before the last,
 * who holds a lease, when something was saved, exchanges of rotations that are over, saved attempts of those who have
 * ended. `--refresh --plain` names worlds by everything that is in them, and has to come to the same number of orders.
 */

/** Parts that several worlds share are named once. */
export function createWorldNames(): (world: World) => string {
  const numbers = new Map<string, number>();
  const known = new WeakMap<object, Map<string, number>>();
  /** @param context what the text depends on besides the part */
  const numberOf = (part: object, context: string, textOf: () => string): number => {
    let found = known.get(part);
    if (found === undefined) known.set(part, (found = new Map()));
    let number = found.get(context);
    if (number === undefined) {
      const text = textOf();
      number = numbers.get(text) ?? numbers.size;
      numbers.set(text, number);
      found.set(context, number);
    }
    return number;
  };
  return (world) => {
    const { now, row, server, actors, air, travelling, left, weather, broken } = world;
    // Whose saving somebody may still ask about.
    const asking = actors.map(({ stage }, index) => (isAlive(stage) ? index : '')).join('');
    const alive = (attempt: string): boolean => asking.includes(attempt.slice(1));
    const number = (part: object, textOf: () => string): number => numberOf(part, asking, textOf);
    const families = server.families.map(({ current, revoked }) => `${current}${revoked ? 'r' : ''}`).join();
    const parts = [
      now,
      number(row, () => rowText(row, alive)),
      server.kind === 'keeping' ? `${families}:${server.granted}` : families,
      actors.map((one) => number(one, () => actorText(one, alive))).join(),
      air.map((write) => number(write, () => writeText(write, alive))).join(),
      travelling.join(),
      `${left.faults}.${left.ticks}.${left.replacements}`,
      weather,
      exchangesText(world),
      broken.join(),
    ];
    return parts.join('/');
  };
}

/** Names worlds by all that is in them but texts; for checking the other. */
export function createPlainNames(): (world: World) => string {
  return (world) => JSON.stringify(world, (name, value: unknown) => (SHOWN.has(name) ? null : value));
}

const SHOWN: ReadonlySet<string> = new Set(['lastResult', 'text', 'command']);

function isAlive(stage: Actor['stage']): boolean {
  return stage === 'asked' || stage === 'asleep';
}

type Alive = (attempt: string) => boolean;

/** Of fields that are read again, in a fixed order. */
function stateText(state: Partial<TokenState>, alive: Alive): string {
  return FIELDS.map((field) => {
    if (!(field in state)) return '';
    const value = state[field] ?? null;
    if (value === null) return '-';
    if (field === 'savedBy') return `=${(value as string[]).filter(alive).join()}`;
    if (field === 'lease') return `=${(value as { until: number }).until}`;
    if (field === 'ambiguous') return '=';
    if (field === 'invalid') return `=${(value as { attempt: string }).attempt}`;
    return `=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`;
  }).join();
}

const FIELDS = [
  'rotation',
  'refreshToken',
  'accessToken',
  'accessDigest',
  'accessExpiresAt',
  'rejectedAt',
  'intent',
  'lease',
  'ambiguous',
  'isRepeated',
  'invalid',
  'backOff',
  'savedBy',
  'dueAt',
] as const satisfies readonly (keyof TokenState)[];

function rowText(row: TokenRow, alive: Alive): string {
  return `row ${stateText(row, alive)}`;
}

/** Of the row that an attempt was begun with only what the exchange and its saving take from it. */
function begunText(row: TokenRow, alive: Alive): string {
  const { rotation, refreshToken, accessToken, accessDigest, accessExpiresAt, backOff, savedBy } = row;
  return stateText({ rotation, refreshToken, accessToken, accessDigest, accessExpiresAt, backOff, savedBy }, alive);
}

function writeText({ when, set }: TokenWrite, alive: Alive): string {
  return `write ${JSON.stringify(when)} ${stateText(set, alive)}`;
}

function grantText({ refreshToken, accessToken, accessDigest, accessExpiresAt }: SealedGrant): string {
  return [refreshToken, accessToken, accessDigest, accessExpiresAt].map(String).join();
}

function phaseText({ phase }: Machine, alive: Alive): string {
  switch (phase.name) {
    case 'looking':
      return `looking ${phase.lost}`;
    case 'waiting':
    case 'done':
      return phase.name;
    case 'beginning':
    case 'exchanging':
      return `${phase.name} ${phase.until} ${begunText(phase.row, alive)}`;
    case 'saving':
      return `saving ${phase.lost} ${phase.row.rotation} ${grantText(phase.grant)} ${writeText(phase.write, alive)}`;
    case 'putting-aside':
      return `aside ${phase.lost} ${phase.why} ${phase.row.rotation} ${grantText(phase.grant)}`;
    case 'closing': {
      const { lost, attempt, rotation, write, result } = phase;
      return `closing ${lost} ${attempt} ${rotation} ${result.outcome} ${writeText(write, alive)}`;
    }
  }
}

function newsText(news: News, alive: Alive): string {
  if (news.got === 'outcome') {
    const { outcome } = news;
    return `outcome ${outcome.kind} ${outcome.kind === 'granted' ? grantText(outcome.grant) : ''}`;
  }
  return 'row' in news && news.row !== null ? `${news.got} ${rowText(news.row, alive)}` : news.got;
}

const SERVED: ReadonlySet<unknown> = new Set(['refreshed', 'current', 'busy', 'not-due']);

function actorText(one: Actor, alive: Alive): string {
  const { stage, result, machine, command, news } = one;
  if (stage === 'dead') return 'dead';
  if (stage === 'ended') return `ended ${result === 'superseded' ? result : SERVED.has(result)}`;
  const { mayHold, firstRotation, isRepeat } = machine;
  const facts = [one.name, stage, command.do, mayHold, firstRotation, isRepeat, one.since, one.holds].join();
  // A write that is asked for is that of the phase, except the one that begins.
  const isBeginning = stage === 'asked' && command.do === 'write' && machine.phase.name === 'beginning';
  const asked = isBeginning ? writeText(command.write, alive) : '';
  return `${facts} ${phaseText(machine, alive)} ${asked} ${news === null ? '' : newsText(news, alive)}`;
}

/** Rotations only rise: one that is over matters to nobody but those who are still at it. */
function exchangesText({ row, actors, exchanges, flagged }: World): string {
  const rotations = new Set(
    actors.flatMap(({ stage, machine: { phase }, news }) => {
      if (!isAlive(stage)) return [];
      const begun = phase.name === 'beginning' || phase.name === 'exchanging' ? [phase.row.rotation] : [];
      return news !== null && 'row' in news && news.row !== null ? [...begun, news.row.rotation] : begun;
    }),
  );
  const open = exchanges.filter(({ rotation }) => rotation >= row.rotation || rotations.has(rotation));
  const attempts = new Set(open.map(({ attempt }) => attempt));
  const texts = open.map(({ rotation, attempt, unused }) => `${rotation}${attempt}${unused ? 'u' : ''}`).toSorted();
  const told = flagged.filter(
    (attempt) =>
      attempts.has(attempt) || actors.some(({ stage, machine }) => isAlive(stage) && machine.facts.attempt === attempt),
  );
  return `${texts.join()};${told.join()}`;
}
