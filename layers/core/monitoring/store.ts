import type { Page, PageRequest } from '../identity/store.ts';
import type { Language } from '../mail/language.ts';
import type { MetricName } from './metrics.ts';

/** Alert rules, what they say now, what they said, and what was sent. `layers/aws/tables/alerts.ts` implements it. */

export const COMPARISONS = ['>', '>=', '<', '<='] as const;
export type Comparison = (typeof COMPARISONS)[number];

export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export type Channel =
  /** `admins`: every administrator with a confirmed address. */
  { type: 'mail'; to: 'admins' | string[]; language: Language } | { type: 'webhook'; webhookId: string };

export interface AlertRule {
  id: string;
  name: string;
  metric: MetricName;
  comparison: Comparison;
  threshold: number;
  windowMinutes: number;
  /** After a notice there is none of this rule for so long. */
  cooldownMinutes: number;
  severity: Severity;
  enabled: boolean;
  /** A rate or mean of fewer requests is unknown. */
  minimumRequests: number;
  channels: Channel[];
  /** One of ours: it may be changed and switched off, not deleted. */
  builtIn: boolean;
  /** Milliseconds since the epoch; 0: a built-in rule that nobody changed. */
  updatedAt: number;
}

export type ResolvedBecause = 'recovered' | 'no-data' | 'switched-off';

/** One alert, from when it fired. */
export interface Alert {
  id: string;
  ruleId: string;
  ruleName: string;
  metric: MetricName;
  comparison: Comparison;
  threshold: number;
  windowMinutes: number;
  severity: Severity;
  /** The figure that fired it. */
  value: number;
  /** What it is about, where there are names for it. */
  subjects: string[];
  firedAt: number;
  /** Notices sent while it went on. */
  reminders: number;
  acknowledged: { at: number; by: string; note: string | null } | null;
  resolved: { at: number; because: ResolvedBecause } | null;
}

/**
 * `quiet`: the threshold is passed, but the last notice is younger than the cooldown. `unknown`: nothing was measured,
 * which is not the same as all being well.
 */
export type RuleStatus = 'ok' | 'unknown' | 'quiet' | 'firing';

export interface RuleState {
  status: RuleStatus;
  /** Since when the status is so. */
  since: number;
  /** Null: unknown. */
  value: number | null;
  /** Of the last notice that something fired or goes on; the cooldown runs from it. */
  notifiedAt: number | null;
  /** While it fires: since when nothing was measured any more. */
  unknownSince: number | null;
  /** Not null exactly while it fires. */
  alert: Alert | null;
}

/** What all rules say: one item, so that of two evaluations at once one is refused. */
export interface Board {
  /** 0: none is stored. Rises by one with each write. */
  version: number;
  evaluatedAt: number;
  states: Readonly<Record<string, RuleState>>;
}

export type NoticeKind = 'alert.fired' | 'alert.reminded' | 'alert.resolved' | 'alert.test';

export type Target =
  /** `to` null: nobody has an address. */
  { type: 'mail'; to: string | null; language: Language } | { type: 'webhook'; webhookId: string };

/** A notice on its way to one target. */
export interface Delivery {
  /** Time first. The receiver is given it with every sending of this notice. */
  id: string;
  kind: NoticeKind;
  alert: Alert;
  target: Target;
  createdAt: number;
  /** Times that it was taken up. */
  attempts: number;
  /** It is left alone until then: being sent, or waiting for another try. */
  nextAt: number;
  lastError: string | null;
  lastStatus: number | null;
}

export type DeliveryOutcome = 'delivered' | 'failed' | 'skipped';

export interface FinishedDelivery extends Delivery {
  outcome: DeliveryOutcome;
  finishedAt: number;
}

export interface Webhook {
  id: string;
  name: string;
  url: string;
  enabled: boolean;
  /** What its secret is derived from, beside the deployment's own; useless by itself. */
  salt: string;
  pepperVersion: string;
  createdAt: number;
  updatedAt: number;
}

/** All or nothing: the board over the version before it, alerts as they are now, notices to be sent. */
export interface BoardWrite {
  board: Board;
  alerts: readonly Alert[];
  deliveries: readonly Delivery[];
}

export interface TimeRange {
  /** Milliseconds since the epoch; `to` exclusive. */
  from: number;
  to: number;
}

export interface AlertStore {
  /** Rules of others, and built-in ones that somebody changed. */
  listRules(): Promise<AlertRule[]>;
  putRule(rule: AlertRule): Promise<void>;
  deleteRule(ruleId: string): Promise<boolean>;

  /** Strongly consistent; version 0 where nothing was ever evaluated. */
  readBoard(): Promise<Board>;
  /** False, and nothing written, when the stored board is no longer of the version before this one. */
  writeBoard(write: BoardWrite): Promise<boolean>;
  /** Alerts by when they fired, newest first. They stay 90 days after their last change. */
  listAlerts(range: TimeRange, page: PageRequest): Promise<Page<Alert>>;

  /** Adds notices outside of an evaluation: tests. */
  addDeliveries(deliveries: readonly Delivery[]): Promise<void>;
  /** What is on its way, oldest first. */
  listPending(limit: number): Promise<Delivery[]>;
  /** Takes it up once more; false when somebody else did since it was read. */
  claim(delivery: Delivery, nextAt: number): Promise<boolean>;
  /** What the try came to; nothing is written when somebody took it up since. */
  noteFailure(delivery: Delivery): Promise<void>;
  /** Moves it to the log, where it stays 30 days; false when it was moved already. */
  finish(delivery: FinishedDelivery): Promise<boolean>;
  /** The log, newest first. */
  listFinished(range: TimeRange, page: PageRequest): Promise<Page<FinishedDelivery>>;

  listWebhooks(): Promise<Webhook[]>;
  findWebhook(webhookId: string): Promise<Webhook | null>;
  putWebhook(webhook: Webhook): Promise<void>;
  deleteWebhook(webhookId: string): Promise<boolean>;
}
