import * as fc from 'fast-check';
import { affinitySeed, rendezvousDraw } from '../../../layers/core/credentials/affinity.ts';
import { pickNext, rank, type Health, type Standing } from '../../../layers/core/credentials/select.ts';
import { REST_REASONS } from '../../../layers/core/credentials/pool-state.ts';

function aStanding(credentialId: string, change: Partial<Standing> = {}): Standing {
  return {
    upstream: 'up',
    model: 'm',
    credentialId,
    routePriority: 0,
    routeWeight: 1,
    tier: 'basic',
    priority: 0,
    weight: 1,
    ...change,
  };
}

const seeds = fc.integer({ min: 0, max: 0xffff_ffff });
const weights = fc.integer({ min: 1, max: 10 });
const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 2, maxLength: 8 });
const standings = ids.chain((names) =>
  fc.tuple(
    ...names.map((name) =>
      fc
        .record({
          upstream: fc.constantFrom('one', 'two'),
          routePriority: fc.integer({ min: 0, max: 2 }),
          tier: fc.constantFrom('basic' as const, 'super' as const),
          priority: fc.integer({ min: 0, max: 2 }),
          weight: fc.integer({ min: 0, max: 5 }),
        })
        .map((change) => aStanding(name, change)),
    ),
  ),
);
const healths: fc.Arbitrary<Health> = fc.oneof(
  fc.constant({ kind: 'ready' } as const),
  fc.constant({ kind: 'half-open' } as const),
  fc.record({
    kind: fc.constant('resting' as const),
    until: fc.integer({ min: 1, max: 100 }),
    ownWord: fc.boolean(),
    reason: fc.constantFrom(...REST_REASONS),
  }),
);

const NONE: ReadonlySet<number> = new Set();
const first = (candidates: readonly Standing[], seed: number): string => rank(candidates, seed)[0]!.credentialId;

describe('the order of candidates', () => {
  it('is a permutation and the same for the same conversation, however the list stood', () => {
    fc.assert(
      fc.property(standings, seeds, (candidates, seed) => {
        const ranked = rank(candidates, seed).map(({ credentialId }) => credentialId);
        expect(ranked.toSorted()).toEqual(candidates.map(({ credentialId }) => credentialId).toSorted());
        const turned = rank(candidates.toReversed(), seed).map(({ credentialId }) => credentialId);
        expect(turned).toEqual(ranked);
      }),
    );
  });

  it('never puts a lower route priority, a super tier or a lower priority before its better', () => {
    fc.assert(
      fc.property(standings, seeds, (candidates, seed) => {
        const ranked = rank(candidates, seed);
        for (const [index, later] of ranked.slice(1).entries()) {
          const earlier = ranked[index]!;
          expect(later.routePriority).toBeGreaterThanOrEqual(earlier.routePriority);
          if (later.routePriority !== earlier.routePriority || later.upstream !== earlier.upstream) continue;
          expect([earlier.tier, later.tier]).not.toEqual(['super', 'basic']);
          if (later.tier === earlier.tier) expect(later.priority).toBeGreaterThanOrEqual(earlier.priority);
        }
      }),
    );
  });

  it('moves no conversation but those of the credential that joins or leaves', () => {
    fc.assert(
      fc.property(ids, fc.array(weights, { minLength: 8, maxLength: 8 }), seeds, (names, given, seed) => {
        const all = names.map((name, index) => aStanding(name, { weight: given[index]! }));
        const newcomer = all.at(-1)!.credentialId;
        const before = first(all.slice(0, -1), seed);
        expect([before, newcomer]).toContain(first(all, seed));
      }),
    );
  });

  it('shares conversations out in proportion to the weights', () => {
    const candidates = [1, 2, 5].map((weight) => aStanding(`crd_${weight}`, { weight }));
    const counts: Record<string, number> = {};
    const rounds = 20_000;
    for (let round = 0; round < rounds; round += 1) {
      const chosen = first(candidates, affinitySeed('model', `conversation ${round}`));
      counts[chosen] = (counts[chosen] ?? 0) + 1;
    }
    for (const { credentialId, weight } of candidates) {
      const share = weight / 8;
      const spread = 5 * Math.sqrt(rounds * share * (1 - share));
      expect(Math.abs(counts[credentialId]! - rounds * share)).toBeLessThan(spread);
    }
  });

  it('shares routes out in proportion to theirs', () => {
    const candidates = [1, 3].map((routeWeight) => aStanding('crd', { upstream: `up_${routeWeight}`, routeWeight }));
    const rounds = 10_000;
    let heavy = 0;
    for (let round = 0; round < rounds; round += 1) {
      if (rank(candidates, affinitySeed('model', String(round)))[0]!.upstream === 'up_3') heavy += 1;
    }
    expect(Math.abs(heavy - rounds * 0.75)).toBeLessThan(5 * Math.sqrt(rounds * 0.75 * 0.25));
  });

  it('draws weight 0 last', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        expect(first([aStanding('never', { weight: 0 }), aStanding('always')], seed)).toBe('always');
        expect(rendezvousDraw(seed, 'never', 0)).toBeGreaterThan(rendezvousDraw(seed, 'always', 0.001));
      }),
    );
  });
});

describe('affinity', () => {
  it('is of the model and the whole opening, both ends of a long one', () => {
    const long = 'x'.repeat(100_000);
    expect(affinitySeed('m', 'hello')).toBe(affinitySeed('m', Buffer.from('hello')));
    expect(affinitySeed('m', 'hello')).not.toBe(affinitySeed('n', 'hello'));
    expect(affinitySeed('m', `${long}a`)).not.toBe(affinitySeed('m', `${long}b`));
    expect(affinitySeed('m', `a${long}`)).not.toBe(affinitySeed('m', `b${long}`));
  });
});

describe('the next candidate', () => {
  const withHealth = standings.chain((candidates) =>
    fc.tuple(...candidates.map((candidate) => healths.map((health) => ({ ...candidate, health })))),
  );
  const healthOf = ({ health }: { health: Health }): Health => health;

  it('never rests while somebody is well, and is the first that is', () => {
    fc.assert(
      fc.property(withHealth, fc.uniqueArray(fc.constantFrom(1, 2, 3)), (candidates, tried) => {
        const well = candidates.find(({ health }) => health.kind !== 'resting');
        const choice = pickNext(candidates, healthOf, new Set(tried));
        if (well !== undefined) expect(choice?.candidate).toBe(well);
        else if (choice !== null) expect(choice.mode).toBe('forced');
      }),
    );
  });

  it('is somebody whenever there is anybody', () => {
    fc.assert(
      fc.property(withHealth, (candidates) => {
        expect(pickNext(candidates, healthOf, NONE)).not.toBeNull();
      }),
    );
  });

  it('is nobody of a kind that the upstream ruled out, once one of them was asked', () => {
    const resting = (ownWord: boolean, reason: (typeof REST_REASONS)[number]) =>
      ({ kind: 'resting', until: 1, ownWord, reason }) as const;
    const all = new Set([1, 2, 3]);
    expect(pickNext(['a'], () => resting(true, 'rate_limited'), all)).toBeNull();
    expect(pickNext(['a'], () => resting(false, 'credential_invalid'), all)).toBeNull();
    expect(pickNext(['a'], () => resting(false, 'overloaded'), all)).toMatchObject({ candidate: 'a', mode: 'forced' });
  });

  it('is the least bad where all rest: a guess of ours, then a word of theirs, then no money, then a refused key', () => {
    const badness = ['credential_invalid', 'quota_exhausted', 'rate_limited', 'overloaded'] as const;
    const left = badness.map((reason) => ({
      reason,
      health: { kind: 'resting', until: 1, ownWord: reason === 'rate_limited', reason } as const,
    }));
    for (const expected of badness.toReversed()) {
      const choice = pickNext(left, healthOf, NONE);
      expect(choice?.candidate.reason).toBe(expected);
      left.splice(left.indexOf(choice!.candidate), 1);
    }
  });
});
