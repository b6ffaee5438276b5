import { describe, expect, it } from '@jest/globals';
import { DEFAULTS, POLICIES, type Policy } from './policies.ts';
import { scenarios } from './scenarios.ts';
import { simulate, type Figures } from './simulate.ts';
import { readTrace, type Trace } from './trace.ts';
import { createVirtualTime } from './virtual-time.ts';

const SIZE = { seed: 3, requests: 300 };
const traces = new Map(scenarios(SIZE).map((trace) => [trace.name, trace]));
const policy = (name: string): Policy => POLICIES.find((one) => one.name === name)!;

async function play(trace: Trace, ...policies: Policy[]): Promise<Map<string, Figures>> {
  const figures = await simulate(trace, policies, SIZE.seed);
  return new Map(figures.map((one) => [one.policy, one]));
}

describe('the gateway’s selection in the simulator', () => {
  it.each([...traces.keys()])(
    'refuses nothing in "%s" that the oracle would answer, but for what liars hide',
    async (name) => {
      const figures = await play(traces.get(name)!, DEFAULTS);
      const { needless, calls, regretMs } = figures.get('sluice')!;
      expect(needless).toBeLessThanOrEqual(name === 'liars' ? 15 : 3);
      expect(calls).toBeLessThan(2);
      expect(regretMs).toBeGreaterThan(-50);
    },
  );

  it('finds as much in prompt caches as the oracle, and twice what chance finds', async () => {
    const figures = await play(traces.get('calm')!, DEFAULTS, policy('by turns'));
    const hits = (name: string): number => figures.get(name)!.cacheHits;
    expect(hits('sluice')).toBeGreaterThan(hits('oracle') - 0.05);
    expect(hits('sluice')).toBeGreaterThan(1.5 * hits('by turns'));
  });

  it('answers where fixed rests of the whole account refuse', async () => {
    const figures = await play(traces.get('flicker')!, DEFAULTS, policy('parks 10 min'));
    expect(figures.get('parks 10 min')!.needless).toBeGreaterThan(100);
    expect(figures.get('sluice')!.availability).toBe(figures.get('oracle')!.availability);
  });

  it('begins sooner with second calls, for a small part of the bill', async () => {
    const trace = scenarios({ seed: 5, requests: 1_200 })[0]!;
    const figures = await play(trace, DEFAULTS, policy('hedged at 95 %'));
    const hedged = figures.get('hedged at 95 %')!;
    expect(hedged.p99Ms).toBeLessThan(0.75 * figures.get('sluice')!.p99Ms);
    expect(hedged.waste).toBeGreaterThan(0);
    expect(hedged.waste).toBeLessThan(0.06);
  });

  it('fares the same each time', async () => {
    const [once, again] = [await play(traces.get('flicker')!, DEFAULTS), await play(traces.get('flicker')!, DEFAULTS)];
    expect([...again]).toEqual([...once]);
  });
});

describe('a recorded trace', () => {
  const lines = [
    { at: 1_000_000, credential: 'a', status: 200, firstContentMs: 100, conversation: 'c1', promptTokens: 3_000 },
    { at: 1_010_000, credential: 'a', status: 429, headers: { 'retry-after': '30' }, conversation: 'c1' },
    { at: 1_010_500, credential: 'b', status: 200, conversation: 'c1' },
    { at: 1_050_000, credential: 'a', status: 200, conversation: 'c2' },
  ];
  const text = lines.map((line) => JSON.stringify(line)).join('\n');

  it('is played as it was recorded: each line a request, and what its account did from then on', async () => {
    const trace = readTrace('night.jsonl', `${text}\n`);
    expect(trace.accounts.map(({ id, spans }) => [id, spans.map(({ from, status }) => [from, status])])).toEqual([
      [
        'a',
        [
          [0, 200],
          [10_000, 429],
          [50_000, 200],
        ],
      ],
      ['b', [[0, 200]]],
    ]);
    expect(trace.requests.map(({ at }) => at)).toEqual([0, 10_000, 10_500, 50_000]);
    const figures = await play(trace, DEFAULTS);
    expect(figures.get('sluice')).toMatchObject({ requests: 4, availability: 1, needless: 0 });
  });

  it('that is none is refused', () => {
    expect(() => readTrace('x', '{"at": "noon", "credential": "a", "status": 200}')).toThrow(/at/);
    expect(() => readTrace('x', 'at,credential')).toThrow();
  });
});

describe('virtual time', () => {
  it('passes only when everybody waits, in the order of the moments that are waited for', async () => {
    const time = createVirtualTime();
    const seen: [string, number][] = [];
    const walk = async (name: string, ...steps: number[]): Promise<void> => {
      for (const ms of steps) {
        await time.sleep(ms);
        seen.push([name, time.now()]);
      }
    };
    const walks = [walk('slow', 50, 50), walk('quick', 20, 20, 20, 60)];
    await time.run();
    await Promise.all(walks);
    expect(seen).toEqual([
      ['quick', 20],
      ['quick', 40],
      ['slow', 50],
      ['quick', 60],
      ['slow', 100],
      ['quick', 120],
    ]);
  });
});
