import { describe, expect, it } from '@jest/globals';
import { BREAKAGES } from './breakages.ts';
import { AS_WORDED, RULES, SETUPS } from './rules.ts';
import { walk } from './walk.ts';

/** Every interleaving has been visited when nothing is left to visit; a walk that is too small proves nothing. */
const FEWEST_STATES = 1_000;

describe("the ledger's algorithm, walked through every interleaving", () => {
  it.each(Object.entries(SETUPS))('keeps its promises: %s', (_, setup) => {
    const { states, ends, violations } = walk(RULES, setup);
    expect(violations).toEqual([]);
    expect(states).toBeGreaterThan(FEWEST_STATES);
    expect(ends).toBeGreaterThan(50);
  });

  it.each(BREAKAGES.map((breakage) => [breakage.line, breakage] as const))(
    'is seen to break when this is done instead: %s',
    (_, { change, breaks, setup }) => {
      const { violations } = walk({ ...RULES, ...change }, setup, breaks);
      expect(violations.map(({ invariant }) => invariant)).toContain(breaks);
    },
  );

  it('as it was first worded charges an event whose request was never let in, and not its account', () => {
    const { violations } = walk(AS_WORDED, SETUPS.alone);
    const traces = violations.filter(({ invariant }) => invariant === 'counters-are-the-sum');
    expect(traces).toHaveLength(1);
    expect(traces[0]!.trace.some((step) => step.includes('calls the upstream'))).toBe(false);
  });

  it('as it was first worded charges a refused request whose event lands late', () => {
    const { violations } = walk(AS_WORDED, SETUPS.aloneWithoutLimits);
    expect(violations.map(({ invariant }) => invariant)).toContain('refused-changes-nothing');
  });
});
