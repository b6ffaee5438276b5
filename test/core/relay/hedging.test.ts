import { afterEach, describe, expect, it } from '@jest/globals';
import { createFirstContentTimes } from '../../../layers/core/relay/first-content-times.ts';
import { chatEvents, jsonOf, streamOf } from '../../support/fake-upstream.ts';
import { createManualScheduler, type ManualScheduler } from '../../support/manual-scheduler.ts';
import { createMemoryHedges } from '../../support/memory-hedges.ts';
import { aCredential, aModel, call, CHAT, startRig, until, type Rig, type RigOptions } from './rig.ts';

const HEDGING = { enabled: true, quantile: 0.9, dailyBudgetMicros: 1_000_000 };
const STREAM = { ...CHAT, stream: true };
const LEARNT = 25;
const USUAL_MS = 100;

let rig: Rig;
let time: ManualScheduler;
let hedges: ReturnType<typeof createMemoryHedges>;
afterEach(() => rig.close());

/** The first to be asked; the other is the second. */
let favourite: string;
const askedOf = (index: number): string =>
  String(rig.upstream.requests[index]?.headers.authorization).replace('Bearer secret-of-', '');
const closings = () => [...rig.usage.rows.values()].map(({ closing }) => closing);
const lastClosing = () => closings().at(-1)!;
const [day] = ['2026-11-21'];

/** A relay that has learnt how long streams take. */
async function start(options: RigOptions = {}): Promise<void> {
  time = createManualScheduler();
  hedges = createMemoryHedges();
  rig = await startRig({
    scheduler: time,
    credentials: [aCredential('first', 'a'), aCredential('first', 'b')],
    ...options,
    settings: { hedging: HEDGING, ...options.settings },
    deps: { hedges, ...options.deps },
  });
  for (let round = 0; round < LEARNT; round += 1) {
    const { promise, resolve } = Promise.withResolvers<void>();
    rig.upstream.answer([{ waitFor: promise }, ...streamOf(chatEvents(['one']))]);
    const calling = call(rig, { body: STREAM });
    await until(() => rig.upstream.requests.length === round + 1);
    // Once there is a pace, nobody is slower: no races yet.
    time.advance(round < 20 ? USUAL_MS : USUAL_MS - 1);
    resolve();
    await calling;
  }
  favourite = askedOf(0);
}

/** The favourite waits until it is let go; the other one answers so. */
function slowFavourite(other: ReturnType<typeof streamOf>): { letGo: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  rig.upstream.answer(({ headers }) =>
    String(headers.authorization).endsWith(favourite)
      ? [{ waitFor: promise }, ...streamOf(chatEvents(['late']))]
      : other,
  );
  return { letGo: resolve };
}

async function ask(): Promise<{ answer: Promise<Awaited<ReturnType<typeof call>>> }> {
  const answer = call(rig, { body: STREAM });
  await until(() => rig.upstream.requests.length === LEARNT + 1);
  return { answer };
}

const SECOND = streamOf(chatEvents(['quick']));

describe('a stream that is slow to begin', () => {
  it('is asked for a second time elsewhere; the first to show content answers and the other is called off', async () => {
    await start();
    slowFavourite(SECOND);
    const { answer } = await ask();
    time.advance(USUAL_MS - 1);
    expect(rig.upstream.requests).toHaveLength(LEARNT + 1);
    time.advance(2);
    await until(() => rig.upstream.requests.length === LEARNT + 2);
    const { status, text } = await answer;
    expect([status, text.includes('quick'), text.includes('late')]).toEqual([200, true, false]);
    expect(askedOf(LEARNT)).toBe(favourite);
    expect(askedOf(LEARNT + 1)).not.toBe(favourite);
    await rig.upstream.requests[LEARNT]!.aborted;
  });

  it('is charged once: the client pays for the answer, the operator for the other call', async () => {
    await start();
    slowFavourite(SECOND);
    const { answer } = await ask();
    time.advance(USUAL_MS + 1);
    await answer;
    await until(() => lastClosing() !== null);
    expect(closings()).toHaveLength(LEARNT + 1);
    expect(lastClosing()).toMatchObject({ source: 'reported', costMicros: closings()[0]!.costMicros });
    expect(lastClosing()!.attempts).toMatchObject([
      { credential: favourite, error: 'hedge_lost' },
      { error: null, status: 200 },
    ]);
    const spent = hedges.days.get(day!);
    expect(spent).toMatchObject({ races: 1, won: 1 });
    expect(spent!.spentMicros).toBeGreaterThan(0);
    // The prompt alone, at the model's price of a dollar a million: some 30 tokens.
    expect(spent!.spentMicros).toBeLessThan(100);
  });

  it('goes on where it was when the first call is the quicker one after all', async () => {
    await start();
    const { promise, resolve } = Promise.withResolvers<void>();
    const { letGo } = slowFavourite([{ waitFor: promise }, ...SECOND]);
    const { answer } = await ask();
    time.advance(USUAL_MS + 1);
    await until(() => rig.upstream.requests.length === LEARNT + 2);
    letGo();
    expect((await answer).text).toContain('late');
    await rig.upstream.requests[LEARNT + 1]!.aborted;
    resolve();
    expect(hedges.days.get(day!)).toMatchObject({ races: 1, won: 0 });
  });

  it('goes on with the first when the second is refused, which costs nothing and rests that credential', async () => {
    await start();
    const { letGo } = slowFavourite(jsonOf('{"error":{"message":"slow down"}}', 429));
    const { answer } = await ask();
    time.advance(USUAL_MS + 1);
    await until(() => rig.poolStates.rows.size > 0);
    letGo();
    expect((await answer).text).toContain('late');
    expect(hedges.days.get(day!)).toMatchObject({ races: 1, won: 0, spentMicros: 0 });
    expect([...rig.poolStates.rows.values()]).toMatchObject([{ reason: 'rate_limited' }]);
  });

  it('goes on with the second when the first is refused after all', async () => {
    await start();
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    rig.upstream.answer(({ headers }) =>
      String(headers.authorization).endsWith(favourite)
        ? [{ waitFor: first.promise }, ...jsonOf('{"error":{"message":"slow down"}}', 429)]
        : [{ waitFor: second.promise }, ...SECOND],
    );
    const { answer } = await ask();
    time.advance(USUAL_MS + 1);
    await until(() => rig.upstream.requests.length === LEARNT + 2);
    first.resolve();
    await until(() => rig.poolStates.rows.size > 0);
    second.resolve();
    expect((await answer).text).toContain('quick');
    expect(lastClosing()!.attempts).toMatchObject([{ error: 'rate_limit_exceeded', status: 429 }, { error: null }]);
    expect(hedges.days.get(day!)).toMatchObject({ races: 1, won: 0, spentMicros: 0 });
  });

  it('is called off on both sides when the client leaves', async () => {
    await start();
    rig.upstream.answer([{ hang: true }]);
    const leaving = call(rig, {
      body: STREAM,
      onData: () => 'leave',
    });
    await until(() => rig.upstream.requests.length === LEARNT + 1);
    time.advance(USUAL_MS + 1);
    await until(() => rig.upstream.requests.length === LEARNT + 2);
    // The comment after 20 seconds is what the client leaves upon.
    time.advance(20_001);
    await leaving;
    await Promise.all(rig.upstream.requests.slice(LEARNT).map(({ aborted }) => aborted));
    await until(() => lastClosing() !== null);
    expect(lastClosing()).toMatchObject({ status: 499 });
  });

  it('waits for no store: what the first begins meanwhile goes on, and nobody else is asked', async () => {
    const { promise: taken, resolve: take } = Promise.withResolvers<boolean>();
    const memory = createMemoryHedges();
    await start({ deps: { hedges: { ...memory, take: () => taken } } });
    const { letGo } = slowFavourite([{ hang: true }]);
    let seen = '';
    const answer = call(rig, { body: STREAM, onData: (text) => void (seen = text) });
    await until(() => rig.upstream.requests.length === LEARNT + 1);
    time.advance(USUAL_MS + 1);
    letGo();
    await until(() => seen.includes('[DONE]'));
    expect(rig.upstream.requests).toHaveLength(LEARNT + 1);
    take(true);
    expect((await answer).text).toContain('late');
    expect(rig.upstream.requests).toHaveLength(LEARNT + 1);
    expect(memory.days.get(day!)).toMatchObject({ races: 0, won: 0 });
  });

  it('that the client leaves is held against nobody', async () => {
    await start();
    rig.upstream.answer([{ hang: true }]);
    for (let time_ = 0; time_ < 3; time_ += 1) {
      const before = rig.upstream.requests.length;
      const leaving = call(rig, { body: STREAM, onData: () => 'leave' });
      await until(() => rig.upstream.requests.length === before + 1);
      time.advance(20_001);
      await leaving;
      await until(() => closings().every((closing) => closing !== null));
    }
    expect(rig.poolStates.rows.size).toBe(0);
  });

  it('breaks both off when its time is up, and tells the client', async () => {
    await start();
    rig.upstream.answer([{ hang: true }]);
    const { answer } = await ask();
    time.advance(USUAL_MS + 1);
    await until(() => rig.upstream.requests.length === LEARNT + 2);
    time.advance(840_000);
    const { text } = await answer;
    expect(text).toContain('upstream_timeout');
    await Promise.all(rig.upstream.requests.slice(LEARNT).map(({ aborted }) => aborted));
  });

  it('gives the limits of the credential that lost back', async () => {
    const limits = { tokensPerDay: 100_000 };
    await start({ credentials: ['a', 'b'].map((name) => aCredential('first', name, { limits })) });
    slowFavourite(SECOND);
    const { answer } = await ask();
    const used = async (name: string) => (await rig.accounts.read(`credential:crd_${name}`, { consistent: true }))!;
    const before = (await used(favourite)).counters;
    time.advance(USUAL_MS + 1);
    await answer;
    await until(() => lastClosing() !== null);
    const other = favourite === 'a' ? 'b' : 'a';
    const [lost, won] = [await used(favourite), await used(other)];
    expect([Object.keys(lost.holds), Object.keys(won.holds)]).toEqual([[], []]);
    const sum = (counters: Readonly<Record<string, number>>) =>
      Object.values(counters).reduce((one, two) => one + two, 0);
    expect(sum(lost.counters)).toBeLessThan(sum(before));
  });
});

describe('no second call is made', () => {
  const waitInVain = async (): Promise<void> => {
    const { letGo } = slowFavourite(SECOND);
    const { answer } = await ask();
    time.advance(10 * USUAL_MS);
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
    expect(rig.upstream.requests).toHaveLength(LEARNT + 1);
    letGo();
    expect((await answer).text).toContain('late');
  };

  it('where the operator has not switched it on', async () => {
    await start({ settings: { hedging: { ...HEDGING, enabled: false } } });
    await waitInVain();
  });

  it('where the day’s sum is spent', async () => {
    await start({ settings: { hedging: { ...HEDGING, dailyBudgetMicros: 1_000 } } });
    await hedges.take(day!, { micros: 1_000, cap: 1_000 });
    await waitInVain();
    expect(hedges.days.get(day!)).toMatchObject({ spentMicros: 1_000, races: 0 });
  });

  it('where the price is not known', async () => {
    await start({ models: [aModel({ price: null })] });
    await waitInVain();
  });

  it('where what is asked for may be drawn, and billed, twice', async () => {
    await start({ models: [aModel({ class: 'image' })] });
    await waitInVain();
  });

  it('where the store does not answer', async () => {
    await start({ deps: { hedges: { ...createMemoryHedges(), take: () => Promise.reject(new Error('gone')) } } });
    await waitInVain();
  });

  it('where nobody else is well', async () => {
    await start({ credentials: [aCredential('first', 'a')] });
    await waitInVain();
  });

  it('for an answer that is asked for whole', async () => {
    await start();
    const { promise, resolve } = Promise.withResolvers<void>();
    rig.upstream.answer([{ waitFor: promise }, ...jsonOf('{"choices":[]}')]);
    const calling = call(rig);
    await until(() => rig.upstream.requests.length === LEARNT + 1);
    time.advance(50 * USUAL_MS);
    resolve();
    await calling;
    expect(rig.upstream.requests).toHaveLength(LEARNT + 1);
  });
});

describe('the times of first contents', () => {
  it('are guessed from no fewer than twenty, and follow the last two hundred', () => {
    const times = createFirstContentTimes();
    for (let ms = 1; ms <= 19; ms += 1) times.note('route', ms);
    expect(times.quantile('route', 0.5)).toBeNull();
    times.note('route', 20);
    expect(times.quantile('route', 0.5)).toBe(11);
    expect(times.quantile('route', 0.999)).toBe(20);
    for (let round = 0; round < 200; round += 1) times.note('route', 1_000);
    expect(times.quantile('route', 0)).toBe(1_000);
    expect(times.quantile('other', 0.5)).toBeNull();
  });
});
