import type { Account, Request, Span, Trace } from './trace.ts';
import { uniform } from './upstreams.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export interface ScenarioSize {
  seed: number;
  requests: number;
}

/** What has taken pools down, as issues of other gateways tell it, and calm weather. */
export function scenarios({ seed, requests }: ScenarioSize): Trace[] {
  const asked = requestsFor(seed, requests);
  const trace = (name: string, about: string, accounts: Account[]): Trace => ({
    name,
    about,
    accounts,
    requests: asked,
  });
  return [
    trace(
      'calm',
      'five accounts, all well',
      five(() => []),
    ),
    trace(
      'bursts',
      'each account takes 7 requests a minute and says when to come back',
      five(() => [], { requests: 7, windowMs: MINUTE, tells: 'retry-after' }),
    ),
    trace(
      'resets',
      'the same, said by x-ratelimit headers only',
      five(() => [], { requests: 7, windowMs: MINUTE, tells: 'reset' }),
    ),
    trace(
      'mute',
      'the same, and no word of when',
      five(() => [], { requests: 7, windowMs: MINUTE, tells: 'nothing' }),
    ),
    trace(
      'liars',
      'the same, and an hour is asked for where half a minute would do',
      five(() => [], { requests: 7, windowMs: MINUTE, tells: 'far-too-long' }),
    ),
    trace(
      'overload',
      'everybody overloaded for two minutes, three times',
      five(() => [10, 25, 40].flatMap((at) => spell(at * MINUTE, 2 * MINUTE, { status: 529 }))),
    ),
    trace(
      'flicker',
      'each account answers 503 a third of the time, in turns of 20 seconds',
      five((index) => flicker(index, seed, { status: 503 })),
    ),
    trace(
      'lost',
      'one key is revoked, one account runs out of money, one cannot be reached for ten minutes',
      five((index) => LOSSES[index] ?? []),
    ),
    trace(
      'slow',
      'one account takes a minute to begin, for twenty minutes',
      five((index) => (index === 2 ? spell(15 * MINUTE, 20 * MINUTE, { status: 200, firstContentMs: 90_000 }) : [])),
    ),
  ];
}

const USUAL_MS = 500;

function five(spansOf: (index: number) => Span[], limit?: Account['limit']): Account[] {
  return Array.from({ length: 5 }, (_, index) => ({
    id: `account-${index}`,
    spans: [{ from: 0, status: 200, firstContentMs: USUAL_MS }, ...spansOf(index)],
    limit,
  }));
}

function spell(from: number, lengthMs: number, what: Partial<Span>): Span[] {
  const well = { status: 200, firstContentMs: USUAL_MS };
  return [
    { ...well, ...what, from },
    { ...well, from: from + lengthMs },
  ];
}

const LOSSES: Partial<Record<number, Span[]>> = {
  0: [{ from: 12 * MINUTE, status: 401, firstContentMs: USUAL_MS }],
  1: [
    {
      from: 20 * MINUTE,
      status: 429,
      body: '{"error":{"code":"insufficient_quota","message":"You exceeded your current quota."}}',
      firstContentMs: USUAL_MS,
    },
  ],
  2: spell(30 * MINUTE, 10 * MINUTE, { status: 0 }),
};

function flicker(index: number, seed: number, what: Partial<Span>): Span[] {
  const turns = Array.from({ length: HOUR / 20_000 }, (_, turn) => turn);
  return turns
    .filter((turn) => uniform(`${seed} flicker ${index} ${turn}`) < 1 / 3)
    .flatMap((turn) => spell(turn * 20_000, 20_000, what))
    .toSorted((left, right) => left.from - right.from || left.status - right.status);
}

/** Conversations of some turns each, a minute apart in the mean, whose prompts grow. */
function requestsFor(seed: number, count: number): Request[] {
  const requests: Request[] = [];
  for (let number = 0; requests.length < count; number += 1) {
    const of = (what: string): number => uniform(`${seed} ${what} ${number}`);
    const turns = 1 + Math.floor(10 * of('turns') ** 2);
    let at = of('start') * HOUR;
    for (let turn = 0; turn < turns && at < HOUR && requests.length < count; turn += 1) {
      const promptTokens = Math.round(1_500 + 6_000 * of('size') + 1_200 * turn);
      requests.push({ at: Math.round(at), conversation: `conversation ${number}`, promptTokens });
      at += -MINUTE * Math.log(1 - uniform(`${seed} gap ${number} ${turn}`));
    }
  }
  return requests.toSorted((left, right) => left.at - right.at);
}
