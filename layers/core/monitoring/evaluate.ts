import { aggregate, type Series } from './metrics.ts';
import type { Alert, AlertRule, NoticeKind, ResolvedBecause, RuleState } from './store.ts';

/*
 * Whether a rule fires: a pure function of the rule, what was measured, what the rule said before, and the time.
 *
 * - It fires when its figure passes the threshold, and goes on until the figure is back by a tenth of the threshold:
 *   between the two nothing changes, so that a figure that wavers about the threshold makes one alert.
 * - From each notice on, the cooldown runs; until its end there is no other notice of the rule that something is wrong.
 *   After it an alert that goes on and that nobody acknowledged is told again; one that recovered and is back fires.
 * - Nothing measured is unknown. It never resolves an alert as recovered and never makes a rule ok. An alert of which
 *   nothing was measured for its cooldown ends as `no-data`, and the rule stays unknown.
 */

export const NEW_STATE: RuleState = {
  status: 'unknown',
  since: 0,
  value: null,
  notifiedAt: null,
  unknownSince: null,
  alert: null,
};

export interface Transition {
  kind: Exclude<NoticeKind, 'alert.test'>;
  alert: Alert;
}

export interface Evaluation {
  state: RuleState;
  /** What somebody is to be told; null where nothing. */
  transition: Transition | null;
}

export interface EvaluationInput {
  rule: AlertRule;
  series: Series;
  state: RuleState;
  now: number;
  /** The id of an alert that fires. */
  alertId: string;
  quantile: (counts: readonly number[], share: number) => number | null;
}

const MINUTE_MS = 60_000;
/** Share of the threshold by which a figure must be back. */
const HYSTERESIS = 0.1;

export function evaluate(input: EvaluationInput): Evaluation {
  const { rule, state, now } = input;
  if (!rule.enabled) return switchOff(state, now);
  const windowMs = rule.windowMinutes * MINUTE_MS;
  const value = aggregate({ metric: rule.metric, windowMs, atLeast: rule.minimumRequests }, input.series, input);
  return state.alert ? goOn(input, state.alert, value) : begin(input, value);
}

/** A rule that is off says nothing; its alert ends. */
export function switchOff(state: RuleState, now: number): Evaluation {
  if (state.alert) return resolve(state, state.alert, { now, value: null, because: 'switched-off' });
  return { state: { ...moved(state, 'unknown', now), value: null }, transition: null };
}

function begin({ rule, series, state, now, alertId }: EvaluationInput, value: number | null): Evaluation {
  if (value === null) return { state: { ...moved(state, 'unknown', now), value }, transition: null };
  if (!isPast(rule, value)) return { state: { ...moved(state, 'ok', now), value }, transition: null };
  if (isCoolingDown(rule, state, now)) return { state: { ...moved(state, 'quiet', now), value }, transition: null };
  const { id: ruleId, name: ruleName, metric, comparison, threshold, windowMinutes, severity } = rule;
  const alert: Alert = {
    id: alertId,
    ruleId,
    ruleName,
    metric,
    comparison,
    threshold,
    windowMinutes,
    severity,
    value,
    subjects: [...(series.subjects ?? [])],
    firedAt: now,
    reminders: 0,
    acknowledged: null,
    resolved: null,
  };
  const next: RuleState = { ...moved(state, 'firing', now), value, notifiedAt: now, unknownSince: null, alert };
  return { state: next, transition: { kind: 'alert.fired', alert } };
}

function goOn({ rule, series, state, now }: EvaluationInput, alert: Alert, value: number | null): Evaluation {
  if (value === null) {
    const unknownSince = state.unknownSince ?? now;
    const patienceMs = Math.max(rule.cooldownMinutes, rule.windowMinutes) * MINUTE_MS;
    if (now - unknownSince >= patienceMs) return resolve(state, alert, { now, value, because: 'no-data' });
    return { state: { ...state, value, unknownSince }, transition: null };
  }
  if (isBack(rule, value)) return resolve(state, alert, { now, value, because: 'recovered' });
  const known: RuleState = { ...state, value, unknownSince: null };
  if (!isPast(rule, value) || alert.acknowledged || isCoolingDown(rule, state, now)) {
    return { state: known, transition: null };
  }
  const reminded = { ...alert, subjects: [...(series.subjects ?? [])], reminders: alert.reminders + 1 };
  return {
    state: { ...known, notifiedAt: now, alert: reminded },
    transition: { kind: 'alert.reminded', alert: reminded },
  };
}

function resolve(
  state: RuleState,
  alert: Alert,
  { now, value, because }: { now: number; value: number | null; because: ResolvedBecause },
): Evaluation {
  const resolved: Alert = { ...alert, resolved: { at: now, because } };
  const status = because === 'recovered' ? 'ok' : 'unknown';
  return {
    state: { ...moved(state, status, now), value, unknownSince: null, alert: null },
    transition: { kind: 'alert.resolved', alert: resolved },
  };
}

function moved(state: RuleState, status: RuleState['status'], now: number): RuleState {
  return state.status === status && state.since > 0 ? state : { ...state, status, since: now };
}

function isCoolingDown({ cooldownMinutes }: AlertRule, { notifiedAt }: RuleState, now: number): boolean {
  return notifiedAt !== null && now - notifiedAt < cooldownMinutes * MINUTE_MS;
}

export function isPast({ comparison, threshold }: Pick<AlertRule, 'comparison' | 'threshold'>, value: number): boolean {
  switch (comparison) {
    case '>':
      return value > threshold;
    case '>=':
      return value >= threshold;
    case '<':
      return value < threshold;
    case '<=':
      return value <= threshold;
  }
}

/** On the good side of the threshold, and away from it. */
export function isBack(rule: Pick<AlertRule, 'comparison' | 'threshold'>, value: number): boolean {
  const distance = Math.abs(rule.threshold) * HYSTERESIS;
  const isUpper = rule.comparison === '>' || rule.comparison === '>=';
  return !isPast(rule, value) && (isUpper ? value <= rule.threshold - distance : value >= rule.threshold + distance);
}
