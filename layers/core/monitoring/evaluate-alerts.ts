import { createRequestId } from '@sluice/kit/ids/request-id';
import type { Clock } from '@sluice/kit/time/clock';
import { quantile } from '../metering/service-sums.ts';
import { mergeRules, unavailableReason } from './default-rules.ts';
import { deliverDue, type DeliverDeps, type DeliveryReport } from './deliver.ts';
import { evaluate, NEW_STATE, switchOff, type Transition } from './evaluate.ts';
import { measure, type MeasureDeps, type Measures } from './measure.ts';
import { UNKNOWN_SERIES } from './metrics.ts';
import { deliveriesOf, MOST_TARGETS, targetsOf, type NoticeDeps } from './notices.ts';
import type { Alert, AlertRule, AlertStore, Board, BoardWrite, Delivery, RuleState } from './store.ts';

/*
 * Every few minutes: measures what the enabled rules watch, lets each rule say what follows, writes what they say
 * together with the notices of it, and sends what is on its way. Of two runs at once, the one that writes second is
 * refused and evaluates again over what the first one wrote, so that each alert is told once.
 */

export interface EvaluateDeps {
  store: AlertStore;
  measuring: MeasureDeps;
  notices: NoticeDeps;
  delivering: Omit<DeliverDeps, 'store' | 'clock'>;
  clock: Clock;
}

export interface EvaluationReport extends DeliveryReport {
  /** Rules that are on. */
  rules: number;
  firing: number;
  unknown: number;
  /** Of this run. */
  fired: number;
  reminded: number;
  resolved: number;
  /** Another run was there at the same time, and later; this one wrote nothing. */
  overtaken: boolean;
}

/** What was measured, for metrics. */
export interface EvaluationResult {
  report: EvaluationReport;
  board: Board;
}

const MINUTE_MS = 60_000;
/** A transaction takes a hundred actions; a rule makes at most its alert and a notice to each target. */
const MOST_ACTIONS = 90;
const MOST_ROUNDS = 4;

export async function evaluateAlerts(deps: EvaluateDeps): Promise<EvaluationResult> {
  const rules = mergeRules(await deps.store.listRules());
  const enabled = rules.filter((rule) => rule.enabled && unavailableReason(rule) === null);
  const now = deps.clock();
  const measures = await measure(deps.measuring, {
    metrics: new Set(enabled.map(({ metric }) => metric)),
    windowMs: Math.max(5, ...enabled.map(({ windowMinutes }) => windowMinutes)) * MINUTE_MS,
    now,
  });
  const { board, transitions, overtaken } = await writeBoard(deps, { rules, measures, now });
  const delivered = await deliverDue({ ...deps.delivering, store: deps.store, clock: deps.clock });
  const states = Object.values(board.states);
  const count = (kind: Transition['kind']): number => transitions.filter((one) => one.kind === kind).length;
  const report: EvaluationReport = {
    rules: enabled.length,
    firing: states.filter(({ status }) => status === 'firing').length,
    unknown: enabled.filter(({ id }) => board.states[id]?.status === 'unknown').length,
    fired: count('alert.fired'),
    reminded: count('alert.reminded'),
    resolved: count('alert.resolved'),
    overtaken,
    ...delivered,
  };
  return { report, board };
}

interface Evaluated {
  rules: readonly AlertRule[];
  measures: Measures;
  now: number;
}

interface Written {
  board: Board;
  transitions: Transition[];
  overtaken: boolean;
}

async function writeBoard(deps: EvaluateDeps, evaluated: Evaluated): Promise<Written> {
  const written: Written = { board: await deps.store.readBoard(), transitions: [], overtaken: false };
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    // Whoever measured later knows better.
    if (written.board.evaluatedAt > evaluated.now) return { ...written, overtaken: true };
    if (await writeAll(deps, evaluated, written)) return written;
    written.board = await deps.store.readBoard();
  }
  throw new Error('What the alert rules say kept changing.');
}

/** Rule by rule, as many at once as one transaction takes. False: another run, or an acknowledgement, came first. */
async function writeAll(deps: EvaluateDeps, evaluated: Evaluated, written: Written): Promise<boolean> {
  let pending = emptyWrite(written.board, evaluated);
  const found: Transition[] = [];
  const flush = async (): Promise<boolean> => {
    if (!(await deps.store.writeBoard(pending))) return false;
    written.board = pending.board;
    written.transitions.push(...found.splice(0));
    pending = emptyWrite(written.board, evaluated);
    return true;
  };
  for (const step of stepsOf(evaluated, written.board)) {
    if (actionsOf(pending) + MOST_TARGETS + 1 > MOST_ACTIONS && !(await flush())) return false;
    const { transition } = step;
    pending = { ...pending, board: withState(pending.board, step.ruleId, step.state) };
    if (!transition) continue;
    found.push(transition);
    const deliveries = await noticesOf(deps, step.rule, transition, evaluated.now);
    pending = {
      ...pending,
      alerts: [...pending.alerts, transition.alert],
      deliveries: [...pending.deliveries, ...deliveries],
    };
  }
  return flush();
}

interface Step {
  ruleId: string;
  /** Null: it was deleted. */
  rule: AlertRule | null;
  /** Null: nothing is left to say. */
  state: RuleState | null;
  transition: Transition | null;
}

function* stepsOf({ rules, measures, now }: Evaluated, board: Board): Generator<Step> {
  for (const rule of rules) {
    const state = board.states[rule.id] ?? NEW_STATE;
    const series = measures.get(rule.metric) ?? UNKNOWN_SERIES;
    yield { ruleId: rule.id, rule, ...evaluate({ rule, series, state, now, alertId: createRequestId(now), quantile }) };
  }
  const known = new Set(rules.map(({ id }) => id));
  for (const [ruleId, state] of Object.entries(board.states)) {
    if (known.has(ruleId)) continue;
    yield { ruleId, rule: null, state: null, transition: switchOff(state, now).transition };
  }
}

/** Nobody is told that a rule was switched off or deleted: somebody did so. */
async function noticesOf(
  deps: EvaluateDeps,
  rule: AlertRule | null,
  { kind, alert }: Transition,
  now: number,
): Promise<Delivery[]> {
  if (!rule || alert.resolved?.because === 'switched-off') return [];
  return deliveriesOf({ kind, alert, targets: await targetsOf(deps.notices, rule.channels), now });
}

function emptyWrite(board: Board, { now }: Evaluated): BoardWrite {
  return { board: { ...board, version: board.version + 1, evaluatedAt: now }, alerts: [], deliveries: [] };
}

function actionsOf({ alerts, deliveries }: BoardWrite): number {
  return 1 + alerts.length + deliveries.length;
}

function withState(board: Board, ruleId: string, state: RuleState | null): Board {
  const { [ruleId]: _before, ...others } = board.states;
  return { ...board, states: state === null ? others : { ...others, [ruleId]: state } };
}

/**
 * Somebody has seen to it: no reminders from then on.
 * @returns the alert as it stands then; null when no such alert goes on
 */
export async function acknowledge(
  store: AlertStore,
  given: { alertId: string; by: string; note: string | null; now: number },
): Promise<Alert | null> {
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const board = await store.readBoard();
    const [ruleId, state] = Object.entries(board.states).find(([, one]) => one.alert?.id === given.alertId) ?? [];
    if (ruleId === undefined || !state?.alert) return null;
    if (state.alert.acknowledged) return state.alert;
    const { by, note, now } = given;
    const alert: Alert = { ...state.alert, acknowledged: { at: now, by, note } };
    const next = withState({ ...board, version: board.version + 1 }, ruleId, { ...state, alert });
    if (await store.writeBoard({ board: next, alerts: [alert], deliveries: [] })) return alert;
  }
  throw new Error('What the alert rules say kept changing.');
}
