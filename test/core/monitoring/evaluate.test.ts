import fc from 'fast-check';
import { evaluate, NEW_STATE, type Transition } from '../../../layers/core/monitoring/evaluate.ts';
import type { AlertRule, RuleState } from '../../../layers/core/monitoring/store.ts';
import { quantile } from '../../../layers/core/metering/service-sums.ts';
import { aRule, MINUTE, NOON, seriesOf } from './rules.ts';

interface Step {
  at: number;
  percent: number | null;
}

interface Told extends Transition {
  at: number;
}

/** Lets a rule judge one step after the other. */
function run(rule: AlertRule, steps: readonly Step[], acknowledgeAt?: number): { told: Told[]; states: RuleState[] } {
  const told: Told[] = [];
  const states: RuleState[] = [];
  let state = NEW_STATE;
  for (const [index, { at, percent }] of steps.entries()) {
    const result = evaluate({
      rule,
      series: seriesOf(percent, at),
      state,
      now: at,
      alertId: `alert-${index}`,
      quantile,
    });
    state = result.state;
    if (acknowledgeAt !== undefined && at >= acknowledgeAt && state.alert && !state.alert.acknowledged) {
      state = { ...state, alert: { ...state.alert, acknowledged: { at, by: 'somebody', note: null } } };
    }
    states.push(state);
    if (result.transition) told.push({ ...result.transition, at });
  }
  return { told, states };
}

function everyTwoMinutes(percents: readonly (number | null)[]): Step[] {
  return percents.map((percent, index) => ({ at: NOON + index * 2 * MINUTE, percent }));
}

const kindsOf = (told: readonly Told[]): string[] => told.map(({ kind }) => kind);

describe('a rule', () => {
  it('fires when its figure passes the threshold, and resolves when it is back', () => {
    const { told, states } = run(aRule(), everyTwoMinutes([0, 5, 6, 7, 1]));
    expect(kindsOf(told)).toEqual(['alert.fired', 'alert.resolved']);
    expect(told[0]?.alert).toMatchObject({ value: 6, ruleId: 'rule', severity: 'critical', resolved: null });
    expect(told[1]?.alert).toMatchObject({ id: told[0]?.alert.id, resolved: { because: 'recovered' } });
    expect(states.map(({ status }) => status)).toEqual(['ok', 'ok', 'firing', 'firing', 'ok']);
  });

  it('does not fire again within the cooldown, and says that it keeps quiet', () => {
    const { told, states } = run(aRule({ cooldownMinutes: 10 }), everyTwoMinutes([9, 0, 9, 9, 9, 9, 9]));
    expect(told.map(({ kind, at }) => [kind, (at - NOON) / MINUTE])).toEqual([
      ['alert.fired', 0],
      ['alert.resolved', 2],
      ['alert.fired', 10],
    ]);
    expect(states[2]?.status).toBe('quiet');
  });

  it('reminds once a cooldown of what goes on, until somebody acknowledges it', () => {
    const steps = everyTwoMinutes(Array(40).fill(50));
    const rule = aRule({ cooldownMinutes: 20 });
    const reminded = run(rule, steps).told;
    expect(reminded.map(({ at }) => (at - NOON) / MINUTE)).toEqual([0, 20, 40, 60]);
    expect(reminded.at(-1)?.alert).toMatchObject({ reminders: 3 });
    expect(kindsOf(run(rule, steps, NOON + 30 * MINUTE).told)).toEqual(['alert.fired', 'alert.reminded']);
  });

  it('that is switched off ends its alert', () => {
    const firing = run(aRule(), everyTwoMinutes([9])).states[0]!;
    const off = aRule({ enabled: false });
    const now = NOON + MINUTE;
    const { state, transition } = evaluate({
      rule: off,
      series: seriesOf(9, now),
      state: firing,
      now,
      alertId: 'x',
      quantile,
    });
    expect(transition?.alert.resolved).toEqual({ at: now, because: 'switched-off' });
    expect(state).toMatchObject({ status: 'unknown', alert: null });
  });

  it('does not judge a rate of fewer requests than it wants', () => {
    const { states } = run(aRule({ minimumRequests: 101 }), everyTwoMinutes([100]));
    expect(states[0]).toMatchObject({ status: 'unknown', value: null });
  });

  it.each<[AlertRule['comparison'], number, string]>([
    ['>', 10, 'ok'],
    ['>=', 10, 'firing'],
    ['<', 10, 'ok'],
    ['<=', 10, 'firing'],
    ['<', 9, 'firing'],
  ])('compares by %s: %d against 10 is %s', (comparison, percent, status) => {
    expect(run(aRule({ comparison, threshold: 10 }), everyTwoMinutes([percent])).states[0]?.status).toBe(status);
  });
});

describe('what is not measured', () => {
  it('is unknown, neither fine nor an alert', () => {
    const { told, states } = run(aRule(), everyTwoMinutes([null, null]));
    expect(told).toEqual([]);
    expect(states.at(-1)).toMatchObject({ status: 'unknown', value: null });
  });

  it('ends an alert after its cooldown, as nothing that recovered, and the rule stays unknown', () => {
    const { told, states } = run(aRule({ cooldownMinutes: 6 }), everyTwoMinutes([9, null, null, null, null, null]));
    expect(told.at(-1)).toMatchObject({ kind: 'alert.resolved', at: NOON + 8 * MINUTE });
    expect(told.at(-1)?.alert.resolved?.because).toBe('no-data');
    expect(states.at(-1)?.status).toBe('unknown');
  });

  it('counts anew after each figure in between', () => {
    const { told } = run(aRule({ cooldownMinutes: 6 }), everyTwoMinutes([9, null, null, 9, null, null, 9, null]));
    expect(kindsOf(told)).not.toContain('alert.resolved');
  });
});

describe('the laws of an evaluation', () => {
  const percent = fc.option(fc.integer({ min: 0, max: 20 }), { nil: null, freq: 4 });
  const steps = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 7 }), percent), { minLength: 1, maxLength: 120 })
    .map((pairs) => {
      let at = NOON;
      return pairs.map(([minutes, value]) => ({ at: (at += minutes * MINUTE), percent: value }));
    });
  const rule = fc
    .record({
      comparison: fc.constantFrom<AlertRule['comparison']>('>', '>=', '<', '<='),
      threshold: fc.integer({ min: 0, max: 20 }),
      cooldownMinutes: fc.integer({ min: 1, max: 60 }),
    })
    .map(aRule);

  it('an alert is told at most once a cooldown', () => {
    fc.assert(
      fc.property(rule, steps, (given, all) => {
        const notices = run(given, all).told.filter(({ kind }) => kind !== 'alert.resolved');
        for (const [index, { at }] of notices.entries()) {
          const before = notices[index - 1];
          if (before) expect(at - before.at).toBeGreaterThanOrEqual(given.cooldownMinutes * MINUTE);
        }
      }),
    );
  });

  it('each alert fires once, resolves at most once, and never before it fired', () => {
    fc.assert(
      fc.property(rule, steps, (given, all) => {
        const { told, states } = run(given, all);
        for (const [, ofAlert] of Map.groupBy(told, ({ alert }) => alert.id)) {
          const kinds = kindsOf(ofAlert);
          expect(kinds[0]).toBe('alert.fired');
          expect(kinds.filter((kind) => kind === 'alert.fired')).toHaveLength(1);
          expect(kinds.slice(0, -1)).not.toContain('alert.resolved');
        }
        const open =
          told.filter(({ kind }) => kind === 'alert.fired').length -
          told.filter(({ kind }) => kind === 'alert.resolved').length;
        expect(open).toBe(states.at(-1)?.alert ? 1 : 0);
      }),
    );
  });

  it('a figure that stays within a tenth of the threshold changes nothing after the first alert', () => {
    const wavering = fc.array(fc.double({ min: 9.001, max: 11, noNaN: true }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(wavering, (percents) => {
        const { told } = run(aRule({ threshold: 10, cooldownMinutes: 10_000 }), everyTwoMinutes([11, ...percents]));
        expect(kindsOf(told)).toEqual(['alert.fired']);
      }),
    );
  });

  it('it resolves by itself as soon as the figure is back', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 4 }), (all, back) => {
        const last = all.at(-1)!.at + MINUTE;
        const { states } = run(aRule(), [...all, { at: last, percent: back }]);
        expect(states.at(-1)).toMatchObject({ status: 'ok', alert: null, value: back });
      }),
    );
  });

  it('without a figure no rule is ever ok, and no alert ever recovers', () => {
    fc.assert(
      fc.property(rule, steps, (given, all) => {
        const { told, states } = run(given, all);
        states.forEach(({ status }, index) => {
          if (all[index]?.percent === null) expect(['unknown', 'firing']).toContain(status);
        });
        for (const { at, alert } of told) {
          if (alert.resolved?.because === 'recovered')
            expect(all.find((step) => step.at === at)?.percent).not.toBeNull();
        }
      }),
    );
  });

  it('a second evaluation at the same time, over what the first one wrote, says nothing', () => {
    fc.assert(
      fc.property(rule, steps, (given, all) => {
        const state = run(given, all).states.at(-1)!;
        const { at: now, percent: value } = all.at(-1)!;
        const again = evaluate({ rule: given, series: seriesOf(value, now), state, now, alertId: 'again', quantile });
        expect(again.transition).toBeNull();
        expect(again.state).toEqual(state);
      }),
    );
  });
});
