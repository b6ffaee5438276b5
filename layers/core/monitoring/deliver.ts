import { mapLimited } from '@sluice/kit/async/map-limited';
import type { PostOutcome } from '@sluice/kit/http/guarded-post';
import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import type { Mailer } from '../mail/mailer.ts';
import { alertMail } from '../mail/templates.ts';
import { DEFAULT_RULES } from './default-rules.ts';
import type { AlertStore, Delivery, DeliveryOutcome, Webhook } from './store.ts';
import { runbookOf, summaryOf, wordsOf } from './texts.ts';
import { signedHeaders } from './webhook-secret.ts';

/*
 * Sends what the evaluation put on its way. A notice is written in the transaction that changes the rule's state, so
 * that a crash between the two cannot be; it is taken up under a condition, so that two runs do not send it both; and
 * it stays until its sending was noted, so that a crash in between sends it again, under the same id: at least once.
 * What fails is tried again in later runs, ever more rarely.
 */

export interface DeliverDeps {
  store: Pick<AlertStore, 'listPending' | 'claim' | 'noteFailure' | 'finish' | 'findWebhook'>;
  mailer: Mailer;
  /** Value of a version of the pepper; undefined when there is none. */
  readPepper: (version: string) => Promise<string | undefined>;
  /** The guarded call; `secretOf` is needed by nobody else. */
  post: (request: { url: string; headers: Record<string, string>; body: string }) => Promise<PostOutcome>;
  secretOf: (webhook: Webhook, pepper: string) => string;
  clock: Clock;
  logger: Pick<Logger, 'warn'>;
  /** False when no time is left for another sending. */
  mayGoOn: () => boolean;
}

export interface DeliveryReport {
  delivered: number;
  failed: number;
  skipped: number;
  /** To be tried again by a later run. */
  waiting: number;
}

const MINUTE_MS = 60_000;
/** After the first try, the second, and so on; then it has failed. The first is also the lease of a run that sends. */
const PAUSES_MS = [1, 5, 15, 60, 240].map((minutes) => minutes * MINUTE_MS);
const MOST_ATTEMPTS = PAUSES_MS.length + 1;
const MOST_PENDING = 200;
const AT_ONCE = 4;
const BUILT_IN = new Set(DEFAULT_RULES.map(({ id }) => id));

type Sent =
  { outcome: DeliveryOutcome; status: number | null; error: string | null } | { retry: string; status: number | null };

export async function deliverDue(deps: DeliverDeps): Promise<DeliveryReport> {
  const report: DeliveryReport = { delivered: 0, failed: 0, skipped: 0, waiting: 0 };
  const pending = await deps.store.listPending(MOST_PENDING);
  const now = deps.clock();
  const due = pending.filter(({ nextAt }) => nextAt <= now);
  report.waiting = pending.length - due.length;
  await mapLimited(due, AT_ONCE, async (delivery) => {
    report[deps.mayGoOn() ? await deliver(deps, delivery) : 'waiting'] += 1;
  });
  return report;
}

async function deliver(deps: DeliverDeps, found: Delivery): Promise<keyof DeliveryReport> {
  const { store, clock, logger } = deps;
  const attempts = found.attempts + 1;
  const nextAt = clock() + (PAUSES_MS[found.attempts] ?? PAUSES_MS[0] ?? MINUTE_MS);
  // Another run has it, or has done with it.
  if (!(await store.claim(found, nextAt))) return 'waiting';
  const delivery = { ...found, attempts, nextAt };
  const sent = await send(deps, delivery);
  const isRetried = 'retry' in sent && attempts < MOST_ATTEMPTS;
  const lastError = 'retry' in sent ? sent.retry : sent.error;
  const noted = { ...delivery, lastError, lastStatus: sent.status };
  if (lastError !== null) {
    const { id, kind, target } = delivery;
    logger.warn('notice_not_delivered', { id, kind, target: target.type, attempts, reason: lastError });
  }
  if (isRetried) {
    await store.noteFailure(noted);
    return 'waiting';
  }
  const outcome = 'retry' in sent ? 'failed' : sent.outcome;
  await store.finish({ ...noted, outcome, finishedAt: clock() });
  return outcome;
}

function send(deps: DeliverDeps, delivery: Delivery): Promise<Sent> {
  return delivery.target.type === 'mail'
    ? sendMail(deps, delivery, delivery.target)
    : sendWebhook(deps, delivery, delivery.target.webhookId);
}

async function sendMail(
  { mailer }: DeliverDeps,
  { kind, alert }: Delivery,
  { to, language }: Extract<Delivery['target'], { type: 'mail' }>,
): Promise<Sent> {
  if (to === null) return skipped('no administrator has a confirmed address');
  const words = wordsOf({ kind, alert, runbook: runbookOf(alert, BUILT_IN) }, language);
  const outcome = await mailer.send({ ...alertMail({ ...words, url: null, language }), to });
  if (outcome === 'off') return skipped('this deployment sends no mail');
  return outcome === 'sent'
    ? { outcome: 'delivered', status: null, error: null }
    : { retry: 'the mail could not be sent', status: null };
}

async function sendWebhook(deps: DeliverDeps, delivery: Delivery, webhookId: string): Promise<Sent> {
  const webhook = await deps.store.findWebhook(webhookId);
  if (!webhook) return skipped('the webhook is deleted');
  if (!webhook.enabled && delivery.kind !== 'alert.test') return skipped('the webhook is switched off');
  const pepper = await deps.readPepper(webhook.pepperVersion);
  if (pepper === undefined) return { outcome: 'failed', status: null, error: 'its secret is gone: make a new one' };
  const body = JSON.stringify(webhookPayload(delivery));
  const signed = { id: `msg_${delivery.id}`, timestampMs: deps.clock(), body };
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Sluice-Webhooks/1',
    ...signedHeaders(deps.secretOf(webhook, pepper), signed),
  };
  const outcome = await deps.post({ url: webhook.url, headers, body });
  if ('failure' in outcome) return { retry: outcome.failure, status: null };
  const { status } = outcome;
  if (status >= 200 && status < 300) return { outcome: 'delivered', status, error: null };
  // The receiver wants no more of it (https://github.com/standard-webhooks/standard-webhooks, "410 Gone").
  if (status === 410) return { outcome: 'failed', status, error: 'the receiver is gone (410)' };
  return { retry: `the receiver answered ${status}`, status };
}

function skipped(error: string): Sent {
  return { outcome: 'skipped', status: null, error };
}

/** `type`, `timestamp` and `data`, as Standard Webhooks recommends. */
export function webhookPayload({ kind, alert, createdAt }: Pick<Delivery, 'kind' | 'alert' | 'createdAt'>) {
  const { id, ruleId, ruleName, metric, comparison, threshold, windowMinutes, severity, value, subjects } = alert;
  return {
    type: kind,
    timestamp: new Date(createdAt).toISOString(),
    data: {
      alertId: id,
      rule: { id: ruleId, name: ruleName, metric, comparison, threshold, windowMinutes },
      severity,
      value,
      subjects,
      firedAt: new Date(alert.firedAt).toISOString(),
      resolvedAt: alert.resolved && new Date(alert.resolved.at).toISOString(),
      resolvedBecause: alert.resolved?.because ?? null,
      acknowledged: alert.acknowledged !== null,
      summary: { en: summaryOf(alert, 'en'), zh: summaryOf(alert, 'zh') },
      runbook: runbookOf(alert, BUILT_IN),
    },
  };
}
