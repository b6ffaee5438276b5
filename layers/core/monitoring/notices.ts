import { createRequestId } from '@sluice/kit/ids/request-id';
import type { IdentityStore } from '../identity/store.ts';
import type { Alert, AlertRule, Channel, Delivery, NoticeKind, Target } from './store.ts';

/** Who is told of something, and what is put on its way. */

export interface NoticeDeps {
  identity: Pick<IdentityStore, 'listUsers'>;
}

/** Users looked through for administrators; who has more names addresses in the rule. */
const MOST_USERS = 2_000;
const PAGE = 200;
/** The transaction that writes them takes a hundred. */
export const MOST_TARGETS = 20;

/** Addresses that a rule names, administrators' where it says so; none twice. */
export async function targetsOf(deps: NoticeDeps, channels: readonly Channel[]): Promise<Target[]> {
  const targets = new Map<string, Target>();
  for (const channel of channels) {
    if (channel.type === 'webhook') {
      targets.set(`webhook ${channel.webhookId}`, { type: 'webhook', webhookId: channel.webhookId });
      continue;
    }
    const { language } = channel;
    const addresses = channel.to === 'admins' ? await addressesOfAdministrators(deps) : channel.to;
    if (addresses.length === 0) targets.set('mail', { type: 'mail', to: null, language });
    for (const to of addresses) targets.set(`mail ${to.toLowerCase()}`, { type: 'mail', to, language });
  }
  return [...targets.values()].slice(0, MOST_TARGETS);
}

export function deliveriesOf(notice: {
  kind: NoticeKind;
  alert: Alert;
  targets: readonly Target[];
  now: number;
}): Delivery[] {
  const { kind, alert, targets, now } = notice;
  return targets.map((target) => ({
    id: createRequestId(now),
    kind,
    alert,
    target,
    createdAt: now,
    attempts: 0,
    nextAt: now,
    lastError: null,
    lastStatus: null,
  }));
}

/** What a test of a rule sends: an alert as it would be, of a figure just past the threshold. */
export function testAlert(rule: AlertRule, now: number): Alert {
  const { id: ruleId, name: ruleName, metric, comparison, threshold, windowMinutes, severity } = rule;
  const alert = { ruleId, ruleName, metric, comparison, threshold, windowMinutes, severity, value: threshold };
  return {
    id: createRequestId(now),
    ...alert,
    subjects: [],
    firedAt: now,
    reminders: 0,
    acknowledged: null,
    resolved: null,
  };
}

async function addressesOfAdministrators({ identity }: NoticeDeps): Promise<string[]> {
  const addresses: string[] = [];
  let cursor: string | null = null;
  let seen = 0;
  do {
    const page: Awaited<ReturnType<typeof identity.listUsers>> = await identity.listUsers({ limit: PAGE, cursor });
    for (const { role, enabled, email, emailVerified } of page.items) {
      if (role !== 'user' && enabled && email !== null && emailVerified) addresses.push(email);
    }
    seen += page.items.length;
    cursor = page.nextCursor;
  } while (cursor !== null && seen < MOST_USERS);
  return addresses;
}
