import * as fc from 'fast-check';
import { CACHE_RULES, keptPrompt } from '../../../layers/core/credentials/prompt-cache.ts';
import { rank, type Standing } from '../../../layers/core/credentials/select.ts';
import { createWarmPlaces, type WarmPlace } from '../../../layers/core/credentials/warm-places.ts';
import { expectedCosts } from '../../../layers/core/relay/expected-cost.ts';
import type { Plan } from '../../../layers/core/relay/route.ts';
import { NO_FIGURES } from '../../../layers/llm/formats/usage-figures.ts';
import { aModel } from '../relay/rig.ts';

const MINUTE = 60_000;
const place = (credentialId: string) => ({ upstream: 'up', model: 'm', credentialId });
const kept = (tokens: number, lifeMs = 5 * MINUTE) => ({ tokens, lifeMs });

describe('what an upstream keeps of a prompt', () => {
  it('is the whole of a long one where caching needs no marks, for as long as the vendor says', () => {
    const long = { ...NO_FIGURES, input: 2_000, cacheRead: 500 };
    expect(keptPrompt('openai-chat', long)).toEqual({ tokens: 2_500, lifeMs: 10 * MINUTE });
    expect(keptPrompt('openai-responses', long)).toEqual({ tokens: 2_500, lifeMs: 10 * MINUTE });
    expect(keptPrompt('gemini', long)).toEqual({ tokens: 2_500, lifeMs: 5 * MINUTE });
    expect(keptPrompt('openai-chat', { ...NO_FIGURES, input: 1_023 })).toBeNull();
  });

  it('is what was marked where it needs marks, for five minutes or the hour that was paid for', () => {
    expect(keptPrompt('anthropic-messages', { ...NO_FIGURES, input: 50_000 })).toBeNull();
    const marked = { ...NO_FIGURES, input: 50, cacheRead: 3_000, cacheWrite5m: 400 };
    expect(keptPrompt('anthropic-messages', marked)).toEqual({ tokens: 3_400, lifeMs: 5 * MINUTE });
    expect(keptPrompt('bedrock-converse', marked)).toEqual({ tokens: 3_400, lifeMs: 5 * MINUTE });
    const forAnHour = { ...NO_FIGURES, cacheWrite1h: 3_000 };
    expect(keptPrompt('anthropic-messages', forAnHour)).toEqual({ tokens: 3_000, lifeMs: 60 * MINUTE });
  });

  it('is told of each format', () => {
    for (const { lifeMs } of Object.values(CACHE_RULES)) expect(lifeMs).toBeGreaterThanOrEqual(5 * MINUTE);
  });
});

describe('the warm place of a conversation', () => {
  it('is remembered for as long as the prompt is kept, from its last use, and no longer', () => {
    let now = 0;
    const places = createWarmPlaces({ clock: () => now });
    places.note(7, place('a'), kept(100));
    now += 4 * MINUTE;
    expect(places.find(7)).toMatchObject({ credentialId: 'a', tokens: 100 });
    places.note(7, place('a'), kept(150));
    now += 5 * MINUTE - 1;
    expect(places.find(7)).toMatchObject({ tokens: 150 });
    now += 1;
    expect(places.find(7)).toBeNull();
    expect(places.find(8)).toBeNull();
  });

  it('keeps the hour that was paid for when it is only read, and not at another place', () => {
    let now = 0;
    const places = createWarmPlaces({ clock: () => now });
    places.note(7, place('a'), kept(100, 60 * MINUTE));
    now += 10 * MINUTE;
    places.note(7, place('a'), kept(100));
    now += 59 * MINUTE;
    expect(places.find(7)).not.toBeNull();
    places.note(7, place('b'), kept(100));
    now += 6 * MINUTE;
    expect(places.find(7)).toBeNull();
  });

  it('is forgotten for those that were used longest ago when there are too many', () => {
    const places = createWarmPlaces({ clock: () => 0, max: 2 });
    places.note(1, place('a'), kept(1));
    places.note(2, place('a'), kept(1));
    places.note(1, place('a'), kept(1));
    places.note(3, place('a'), kept(1));
    expect([places.find(1), places.find(2), places.find(3)].map((one) => one !== null)).toEqual([true, false, true]);
  });
});

const standing = (credentialId: string, change: Partial<Standing> = {}): Standing => ({
  upstream: 'up',
  model: 'm',
  credentialId,
  routePriority: 0,
  routeWeight: 1,
  tier: 'basic',
  priority: 0,
  weight: 1,
  ...change,
});
const warmAt = (credentialId: string, change: Partial<WarmPlace> = {}): WarmPlace => ({
  ...place(credentialId),
  tokens: 1_000,
  ...change,
});

describe('the order of candidates', () => {
  const seeds = fc.nat(0xffff_ffff);

  it('begins with the warm one, and leaves the others as they were', () => {
    const all = ['a', 'b', 'c', 'd'].map((name) => standing(name));
    fc.assert(
      fc.property(seeds, fc.constantFrom('a', 'b', 'c', 'd'), (seed, name) => {
        const cold = rank(all, seed).map(({ credentialId }) => credentialId);
        const warm = rank(all, seed, { warm: warmAt(name) }).map(({ credentialId }) => credentialId);
        expect(warm).toEqual([name, ...cold.filter((one) => one !== name)]);
      }),
    );
  });

  it('puts no warmth before what the operator or the caller wants', () => {
    fc.assert(
      fc.property(
        seeds,
        fc.constantFrom<Partial<Standing>>(
          { turn: 1 },
          { routePriority: 1, upstream: 'other' },
          { tier: 'super' },
          { priority: 1 },
          { weight: 0 },
          { routeWeight: 0, upstream: 'other' },
        ),
        (seed, worse) => {
          const all = [standing('warm', worse), standing('cold')];
          const warm = warmAt('warm', { upstream: worse.upstream ?? 'up' });
          expect(rank(all, seed, { warm })[0]).toMatchObject({ credentialId: 'cold' });
        },
      ),
    );
  });

  it('takes the cheaper route where prices differ, whatever the weights, but never one of weight 0', () => {
    const dear = standing('dear', { upstream: 'dear', routeWeight: 100 });
    const cheap = standing('cheap', { upstream: 'cheap' });
    const idle = standing('idle', { upstream: 'idle', routeWeight: 0 });
    const costs: Record<string, number> = { dear: 20, cheap: 10, idle: 1 };
    fc.assert(
      fc.property(seeds, (seed) => {
        const costOf = ({ upstream }: Standing): number => costs[upstream]!;
        const order = rank([dear, cheap, idle], seed, { costOf }).map(({ credentialId }) => credentialId);
        expect(order).toEqual(['cheap', 'dear', 'idle']);
      }),
    );
  });
});

describe('what a request will probably cost', () => {
  const price = aModel().price!;
  const route = (upstream: string, inputMicros?: number) => ({
    upstream,
    model: 'up',
    priority: 0,
    weight: 1,
    ...(inputMicros !== undefined && { price: { ...price, inputMicros, cacheReadMicros: inputMicros / 10 } }),
  });
  const planOf = (...routes: ReturnType<typeof route>[]): Plan => ({ model: aModel({ routes }) }) as unknown as Plan;
  const request = { inputTokens: 10_000, maxOutputTokens: null, warm: null };

  it('decides nothing where all routes have one price, or one of them is not known', () => {
    expect(expectedCosts(planOf(route('a'), route('b')), request)).toBeNull();
    const unknown = { model: aModel({ price: null, routes: [route('a', 5), route('b')] }) } as unknown as Plan;
    expect(expectedCosts(unknown, request)).toBeNull();
  });

  it('counts what the cache spares, so a dearer route may be the cheaper one for who is warm there', () => {
    const plan = planOf(route('cheap'), route('dear', 3_000_000));
    const candidate = (upstream: string) => ({
      upstream,
      model: 'up',
      price: plan.model.routes.find((one) => one.upstream === upstream)?.price,
    });
    const cold = expectedCosts(plan, request)!;
    expect(cold(candidate('cheap'))).toBe(10_000 + 1_000);
    expect(cold(candidate('dear'))).toBe(30_000 + 1_000);
    const warm = { upstream: 'dear', model: 'up', credentialId: 'x', tokens: 9_000 };
    const costs = expectedCosts(plan, { ...request, warm })!;
    expect(costs(candidate('dear'))).toBe(3_000 + 2_700 + 1_000);
    expect(costs(candidate('cheap'))).toBe(11_000);
    const short = expectedCosts(plan, { ...request, maxOutputTokens: 10 })!;
    expect(short(candidate('cheap'))).toBe(10_020);
  });
});
