import { microsToDollars } from '@sluice/contract/money';
import type { givePlanInput, planChangeInput, planInput, UserPlanView } from '@sluice/contract/plans';
import { assertMayReach } from '@sluice/core/identity/administrator-rules';
import type { User } from '@sluice/core/identity/store';
import type { LedgerAccount } from '@sluice/core/metering/account-store';
import { counterName } from '@sluice/core/metering/measures';
import { givePlan } from '@sluice/core/plans/give';
import { endOfPlan, planInForce } from '@sluice/core/plans/plan-terms';
import type { PlanDefinition, PlanEntitlement } from '@sluice/core/plans/store';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { createRequestId, timeOfRequestId } from '@sluice/kit/ids/request-id';
import type { z } from 'zod';
import { InputRefused, notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';

type None = Record<string, never>;
type Bare = Call<undefined, None, Caller>;

/** The caller's own plan, or what is left of the last one. */
export async function showOwnPlan(services: AdminServices, call: Bare): Promise<Answer> {
  return planAnswer(await services.accounts.read(call.caller.user.id, { consistent: true }), services.clock());
}

export async function showPlanOfUser(services: AdminServices, call: Bare): Promise<Answer> {
  const { id: userId } = await existingUser(services, call);
  return planAnswer(await services.accounts.read(userId, { consistent: true }), services.clock());
}

/** Gives a plan, or changes the one of this type that is in force; then what was used of it stays used. */
export async function setPlanOfUser(
  services: AdminServices,
  call: Call<z.infer<typeof givePlanInput>, None, Caller>,
): Promise<Answer> {
  const userId = await changeableUserId(services, call);
  const nowMs = services.clock();
  const terms = await termsOf(services, call.body, nowMs);
  const next = ({ plan: current }: LedgerAccount): PlanEntitlement => {
    const { expiresAt: end, ...fixed } = terms;
    const inForce = planInForce(current, nowMs);
    const kept = inForce?.type === fixed.type && !call.body.renew ? inForce : null;
    const byType = fixed.type === null ? nowMs : endOfPlan(fixed.type, nowMs, services.timeZoneOffsetMinutes);
    return { ...fixed, id: kept?.id ?? createRequestId(nowMs), expiresAt: end ?? kept?.expiresAt ?? byType };
  };
  return planAnswer(await givePlan(services, { userId, nowMs, next }), nowMs);
}

export async function endPlanOfUser(services: AdminServices, call: Bare): Promise<Answer> {
  const userId = await changeableUserId(services, call);
  const account = await services.accounts.read(userId, { consistent: true });
  if (planInForce(account?.plan ?? null, services.clock()) === null) throw notFound('plan in force of this user');
  await givePlan(services, { userId, nowMs: services.clock(), next: () => null });
  return { json: { success: true, message: 'The plan has ended; the limits of the role hold.' } };
}

/** A user's plan as every page and path shows it; null where there never was one. */
export function viewUserPlan(account: LedgerAccount | null, nowMs: number): UserPlanView | null {
  const plan = account?.plan ?? null;
  if (account === null || plan === null) return null;
  const [tokensUsed, microsUsed] = (['p', 'q'] as const).map(
    (letter) => account.counters[counterName(letter, plan.id, null)] ?? 0,
  ) as [number, number];
  const startedAt = timeOfRequestId(plan.id);
  return {
    type: plan.type,
    name: plan.name,
    is_active: planInForce(plan, nowMs) !== null,
    token_limit: plan.tokens,
    tokens_used: tokensUsed,
    tokens_remaining: plan.tokens === null ? null : Math.max(0, plan.tokens - tokensUsed),
    money_limit: dollarsOrNull(plan.micros),
    money_used: microsToDollars(microsUsed),
    money_remaining: plan.micros === null ? null : microsToDollars(Math.max(0, plan.micros - microsUsed)),
    started_at: startedAt === null ? null : isoTime(startedAt),
    expires_at: isoTime(plan.expiresAt),
  };
}

export async function listPlans(services: AdminServices): Promise<Answer> {
  return success({ plans: (await services.plans.list()).map(viewPlan) });
}

export async function showPlan(services: AdminServices, call: Bare): Promise<Answer> {
  return success(viewPlan(await namedPlan(services, call.params['name'] ?? '')));
}

export async function createPlan(
  services: AdminServices,
  call: Call<z.infer<typeof planInput>, None, Caller>,
): Promise<Answer> {
  const { name, plan_type: type, token_limit: tokens, money_limit: micros, description } = call.body;
  const now = services.clock();
  const plan: PlanDefinition = { name, type, tokens, micros, description, createdAt: now, updatedAt: now };
  if ((await services.plans.create(plan)) === 'taken') {
    throw new GatewayError('conflict', { message: `There is already a plan named ${name}.`, param: 'name' });
  }
  return { ...success(viewPlan(plan)), status: 201 };
}

/** Codes and plans that were made from it stay what they are. */
export async function changePlan(
  services: AdminServices,
  call: Call<z.infer<typeof planChangeInput>, None, Caller>,
): Promise<Answer> {
  const before = await namedPlan(services, call.params['name'] ?? '');
  const { plan_type: type, token_limit: tokens, money_limit: micros, description } = call.body;
  const plan: PlanDefinition = {
    ...before,
    type: type ?? before.type,
    tokens: tokens === undefined ? before.tokens : tokens,
    micros: micros === undefined ? before.micros : micros,
    description: description ?? before.description,
    updatedAt: services.clock(),
  };
  refuseLimitless(plan);
  await services.plans.put(plan);
  return success(viewPlan(plan));
}

export async function deletePlan(services: AdminServices, call: Bare): Promise<Answer> {
  if (!(await services.plans.delete(call.params['name'] ?? ''))) throw notFound('plan of this name');
  return { json: { success: true, message: 'The plan is deleted. Codes and users that have it keep it.' } };
}

/** @throws GatewayError `not_found` */
export async function namedPlan(services: AdminServices, name: string): Promise<PlanDefinition> {
  const plan = await services.plans.find(name);
  if (plan === null) throw notFound(`plan named ${name}`);
  return plan;
}

async function existingUser(services: AdminServices, { params }: Pick<Bare, 'params'>): Promise<User> {
  const user = await services.identity.findUserById(params['id'] ?? '');
  if (user === null) throw notFound('user of this id');
  return user;
}

/** A plan that is used up shuts its owner out, so it is for those who may shut them out. */
async function changeableUserId(services: AdminServices, call: Pick<Bare, 'params' | 'caller'>): Promise<string> {
  const user = await existingUser(services, call);
  assertMayReach(call.caller.user, user);
  return user.id;
}

type Terms = Omit<PlanEntitlement, 'id' | 'expiresAt'> & { expiresAt: number | null };

async function termsOf(services: AdminServices, given: z.infer<typeof givePlanInput>, nowMs: number): Promise<Terms> {
  const base = given.plan === undefined ? null : await namedPlan(services, given.plan);
  if (given.expires_at !== undefined && given.expires_at <= nowMs) {
    throw new InputRefused([{ path: 'expires_at', message: 'Expected a time to come' }]);
  }
  const type = given.type ?? base?.type ?? null;
  const terms: Terms = {
    name: given.name ?? base?.name ?? type ?? 'granted',
    type,
    tokens: given.token_limit === undefined ? (base?.tokens ?? null) : given.token_limit,
    micros: given.money_limit === undefined ? (base?.micros ?? null) : given.money_limit,
    expiresAt: given.expires_at ?? null,
  };
  refuseLimitless(terms);
  return terms;
}

function refuseLimitless({ tokens, micros }: { tokens: number | null; micros: number | null }): void {
  if (tokens !== null || micros !== null) return;
  throw new InputRefused([{ path: 'token_limit', message: 'A plan limits tokens, money, or both' }]);
}

function planAnswer(account: LedgerAccount | null, nowMs: number): Answer {
  const plan = viewUserPlan(account, nowMs);
  return success({ plan }, { plan });
}

function viewPlan(plan: PlanDefinition) {
  return {
    name: plan.name,
    plan_type: plan.type,
    token_limit: plan.tokens,
    money_limit: dollarsOrNull(plan.micros),
    description: plan.description,
    created_at: isoTime(plan.createdAt),
    updated_at: isoTime(plan.updatedAt),
  };
}

export function dollarsOrNull(micros: number | null): number | null {
  return micros === null ? null : microsToDollars(micros);
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
