import type { PlanAllowance, PlanEntitlement, PlanType } from './store.ts';

const DAY_MS = 86_400_000;

/**
 * When a plan ends that begins, or goes on, at this instant: a day, seven days, or one calendar month later, on the
 * month's last day where the month is too short (31 January + a month = 28 or 29 February), at the same time of day.
 * @param fromMs milliseconds since the epoch
 * @param offsetMinutes minutes east of UTC that days and months follow
 */
export function endOfPlan(type: PlanType, fromMs: number, offsetMinutes: number): number {
  if (type === 'daily') return fromMs + DAY_MS;
  if (type === 'weekly') return fromMs + 7 * DAY_MS;
  const offsetMs = offsetMinutes * 60_000;
  const local = new Date(fromMs + offsetMs);
  const [year, month] = [local.getUTCFullYear(), local.getUTCMonth()];
  const lastDay = new Date(Date.UTC(year, month + 2, 0)).getUTCDate();
  const timeOfDay = fromMs + offsetMs - Date.UTC(year, month, local.getUTCDate());
  return Date.UTC(year, month + 1, Math.min(local.getUTCDate(), lastDay)) + timeOfDay - offsetMs;
}

export interface PlanChange {
  plan: PlanEntitlement;
  extended: boolean;
  /** A plan that is in force and makes way. */
  replaced: PlanEntitlement | null;
}

/**
 * The plan after a redemption. One of the same type that is in force goes on from its current end, with the allowances
 * added, and keeps its id, so that what was used of it stays used. Anything else is a new plan, from now. A plan that
 * limits tokens and one that limits money are different plans: to add "no limit" would lift the limit that there is.
 */
export function planAfterRedemption(given: {
  current: PlanEntitlement | null;
  offered: PlanAllowance & { type: PlanType; planName: string };
  newId: string;
  nowMs: number;
  offsetMinutes: number;
}): PlanChange {
  const { current, offered, newId, nowMs, offsetMinutes } = given;
  const { type, tokens, micros } = offered;
  const inForce = planInForce(current, nowMs);
  if (inForce !== null && inForce.type === type && limitsTheSame(inForce, offered)) {
    const plan: PlanEntitlement = {
      ...inForce,
      tokens: added(inForce.tokens, tokens),
      micros: added(inForce.micros, micros),
      expiresAt: endOfPlan(type, inForce.expiresAt, offsetMinutes),
    };
    return { plan, extended: true, replaced: null };
  }
  const expiresAt = endOfPlan(type, nowMs, offsetMinutes);
  const plan = { id: newId, name: offered.planName, type, tokens, micros, expiresAt };
  return { plan, extended: false, replaced: inForce };
}

/** Null when there is none or when it has ended. */
export function planInForce(plan: PlanEntitlement | null, nowMs: number): PlanEntitlement | null {
  return plan !== null && plan.expiresAt > nowMs ? plan : null;
}

function limitsTheSame(left: PlanAllowance, right: PlanAllowance): boolean {
  return (left.tokens === null) === (right.tokens === null) && (left.micros === null) === (right.micros === null);
}

function added(left: number | null, right: number | null): number | null {
  return left === null || right === null ? null : left + right;
}
