import fc from 'fast-check';
import { endOfPlan, planAfterRedemption, planInForce } from '../../../layers/core/plans/plan-terms.ts';
import { PLAN_TYPES, type PlanEntitlement } from '../../../layers/core/plans/store.ts';

const at = (text: string): number => Date.parse(text);
const monthAfter = (text: string, offsetMinutes = 0): string =>
  new Date(endOfPlan('monthly', at(text), offsetMinutes)).toISOString();

describe('the end of a plan', () => {
  it('is a day or seven days later to the millisecond', () => {
    const start = at('2026-03-28T23:59:59.999Z');
    expect(endOfPlan('daily', start, 480)).toBe(at('2026-03-29T23:59:59.999Z'));
    expect(endOfPlan('weekly', start, -300)).toBe(at('2026-04-04T23:59:59.999Z'));
  });

  it.each([
    ['2026-01-31T10:20:30.456Z', '2026-02-28T10:20:30.456Z'],
    ['2028-01-31T00:00:00.000Z', '2028-02-29T00:00:00.000Z'],
    ['2026-01-30T23:59:59.999Z', '2026-02-28T23:59:59.999Z'],
    ['2026-01-28T12:00:00.000Z', '2026-02-28T12:00:00.000Z'],
    ['2026-02-28T12:00:00.000Z', '2026-03-28T12:00:00.000Z'],
    ['2026-03-31T12:00:00.000Z', '2026-04-30T12:00:00.000Z'],
    ['2026-12-31T12:00:00.000Z', '2027-01-31T12:00:00.000Z'],
    ['2100-01-31T12:00:00.000Z', '2100-02-28T12:00:00.000Z'],
  ])('is one month after %s at %s', (from, to) => {
    expect(monthAfter(from)).toBe(to);
  });

  it('follows the days of the zone that limits follow', () => {
    // Already the first of February in the east, still the 30th of January in the west.
    expect(monthAfter('2026-01-31T17:00:00.000Z', 480)).toBe('2026-02-28T17:00:00.000Z');
    expect(monthAfter('2026-01-31T15:59:59.999Z', 480)).toBe('2026-02-28T15:59:59.999Z');
    expect(monthAfter('2026-01-31T16:00:00.000Z', 480)).toBe('2026-02-28T16:00:00.000Z');
    expect(monthAfter('2026-03-31T02:00:00.000Z', -300)).toBe('2026-05-01T02:00:00.000Z');
    expect(monthAfter('2026-03-31T02:00:00.000Z', 0)).toBe('2026-04-30T02:00:00.000Z');
  });

  it('is always in the month after, at the same time of day, on the same day or the last', () => {
    const time = fc.date({ min: new Date('2000-01-01'), max: new Date('2199-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(time, fc.integer({ min: -840, max: 840 }), (start, offsetMinutes) => {
        const local = (timeMs: number): Date => new Date(timeMs + offsetMinutes * 60_000);
        const from = local(start.getTime());
        const to = local(endOfPlan('monthly', start.getTime(), offsetMinutes));
        const months = (date: Date): number => date.getUTCFullYear() * 12 + date.getUTCMonth();
        expect(months(to) - months(from)).toBe(1);
        expect(to.toISOString().slice(11)).toBe(from.toISOString().slice(11));
        const isLast = new Date(to.getTime() + 86_400_000).getUTCMonth() !== to.getUTCMonth();
        expect(to.getUTCDate() === from.getUTCDate() || (isLast && to.getUTCDate() < from.getUTCDate())).toBe(true);
      }),
    );
  });
});

const NOW = at('2026-01-31T12:00:00Z');
const PLAN: PlanEntitlement = {
  id: 'first',
  name: 'Team',
  type: 'monthly',
  tokens: 700,
  micros: null,
  expiresAt: at('2026-02-10T08:00:00Z'),
};

function after(current: PlanEntitlement | null, offered: Partial<PlanEntitlement> = {}) {
  const { type = 'monthly', tokens = 300, micros = null, name = 'monthly' } = offered;
  const terms = { type: type ?? 'monthly', tokens, micros, planName: name };
  return planAfterRedemption({ current, offered: terms, newId: 'second', nowMs: NOW, offsetMinutes: 0 });
}

describe('a redemption', () => {
  it('begins a plan from now where there is none, or where the last one has ended', () => {
    const fresh = {
      id: 'second',
      name: 'monthly',
      type: 'monthly',
      tokens: 300,
      micros: null,
      expiresAt: at('2026-02-28T12:00:00Z'),
    };
    expect(after(null)).toEqual({ plan: fresh, extended: false, replaced: null });
    expect(after({ ...PLAN, expiresAt: NOW })).toEqual({ plan: fresh, extended: false, replaced: null });
  });

  it('extends one of the same type from its current end, adds the tokens and keeps id and name', () => {
    const plan = { ...PLAN, tokens: 1_000, expiresAt: at('2026-03-10T08:00:00Z') };
    expect(after(PLAN)).toEqual({ plan, extended: true, replaced: null });
  });

  it('adds money to money', () => {
    const current = { ...PLAN, micros: 2_000_000 };
    expect(after(current, { micros: 500_000 }).plan).toMatchObject({ tokens: 1_000, micros: 2_500_000 });
  });

  it.each<[string, PlanEntitlement, Partial<PlanEntitlement>]>([
    ['of another type', PLAN, { type: 'daily' as const }],
    ['that limits money where tokens were limited', PLAN, { tokens: null, micros: 1_000_000 }],
    ['that limits money as well', PLAN, { micros: 1_000_000 }],
    ['after a plan of no type', { ...PLAN, type: null }, {}],
  ])('%s begins from now, and says what made way', (_which, current, offered) => {
    const change = after(current, offered);
    expect(change).toMatchObject({ plan: { id: 'second' }, extended: false, replaced: current });
    expect(change.plan).toMatchObject({ tokens: offered.tokens === undefined ? 300 : null });
  });

  it('never lowers what a plan of its type allows, nor brings its end nearer', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PLAN_TYPES),
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 1, max: 1e10 }),
        (type, had, added, leftMs) => {
          const current = { ...PLAN, type, tokens: had, expiresAt: NOW + leftMs };
          const { plan, extended } = after(current, { type, tokens: added });
          expect(extended).toBe(true);
          expect(plan.tokens).toBe(had + added);
          expect(plan.expiresAt).toBe(endOfPlan(type, current.expiresAt, 0));
        },
      ),
    );
  });
});

describe('a plan in force', () => {
  it('is one whose end is still to come', () => {
    expect(planInForce(PLAN, PLAN.expiresAt - 1)).toBe(PLAN);
    expect(planInForce(PLAN, PLAN.expiresAt)).toBeNull();
    expect(planInForce(null, 0)).toBeNull();
  });
});
