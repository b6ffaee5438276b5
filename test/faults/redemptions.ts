import { isDeepStrictEqual } from 'node:util';
import { createLedgerAccountStore } from '../../layers/aws/tables/ledger-account.ts';
import { createRedemptionCodeStore } from '../../layers/aws/tables/redemption-codes.ts';
import type { LedgerAccount } from '../../layers/core/metering/account-store.ts';
import { redeemCode } from '../../layers/core/plans/redeem.ts';
import type { RedemptionCode } from '../../layers/core/plans/store.ts';
import type { Audit } from './audit.ts';
import { codesIn, CODE_TABLES, userAccountIn } from './code-audit.ts';
import type { PlannedCode, PlannedRedemption } from './scenarios.ts';
import { createClient, type Redeemer, type Stage } from './stage.ts';
import { LEDGER_TABLE, type Tables } from './tables.ts';
import type { Actor, World } from './world.ts';

const DAY_MS = 86_400_000;

export async function makeCodes(tables: Tables, made: readonly PlannedCode[], nowMs: number): Promise<void> {
  const codes = made.map(({ text, type, tokens }): RedemptionCode => ({
    code: text,
    type,
    planName: type,
    tokens,
    micros: null,
    description: '',
    createdAt: nowMs,
    createdBy: 'usr_admin',
    createdByName: 'admin',
    expiresAt: nowMs + DAY_MS,
    redemption: null,
  }));
  await codesIn(tables).create(codes);
}

type Add = (action: Parameters<World['add']>[0], afterMs: number) => void;

/** Each in a process of its own. Who is told that it failed tries once more, as people do. */
export function beginRedemptions(stage: Stage, add: Add): void {
  for (const [index, planned] of (stage.scenario.redemptions ?? []).entries()) {
    const actor = stage.world.actor(`admin ${index}`);
    const run = (): void => {
      void redeemOnce(stage, actor, { ...planned, attempt: `${index}` }).then(async (answer) => {
        if (answer === 'failed') await redeemOnce(stage, actor, { ...planned, attempt: `${index} again` });
      });
    };
    add({ place: `${planned.userId} redeems ${planned.code}`, actor, run }, planned.afterMs);
  }
}

async function redeemOnce(
  stage: Stage,
  actor: Actor,
  { code, userId, attempt }: Omit<PlannedRedemption, 'afterMs'> & { attempt: string },
): Promise<Redeemer['answer']> {
  const redeemer: Redeemer = { code, userId, attempt, answer: null };
  stage.redeemers.push(redeemer);
  const client = createClient(stage, actor);
  const deps = {
    codes: createRedemptionCodeStore(client, CODE_TABLES),
    accounts: createLedgerAccountStore(client, LEDGER_TABLE),
    clock: stage.world.clock(actor),
    offsetMinutes: 0,
  };
  const request = { text: code, user: { id: userId, username: userId }, attempt };
  const result = await redeemCode(deps, request).catch(() => null);
  if (result === null) redeemer.answer = 'failed';
  else redeemer.answer = result.outcome === 'redeemed' ? 'redeemed' : result.reason;
  return redeemer.answer;
}

/** What is left of codes and plans when everything has come to rest. */
export async function checkRedemptions(stage: Stage, audit: Audit): Promise<string[]> {
  const { scenario, tables, redeemers } = stage;
  const store = codesIn(tables);
  const broken: string[] = [];
  const codes = await Promise.all((scenario.codes?.made ?? []).map(({ text }) => store.find(text)));
  const used = codes.filter((code) => code?.redemption).map((code) => code as RedemptionCode);
  for (const userId of new Set(redeemers.map((redeemer) => redeemer.userId))) {
    const own = used.filter(({ redemption }) => redemption?.userId === userId);
    broken.push(...checkPlan(stage, userId, own, await userAccountIn(tables, userId)));
  }
  for (const redeemer of redeemers) broken.push(...checkAnswer(redeemer, audit));
  const counts = await store.count({ type: null, nowMs: stage.world.nowMs });
  const due = { total: codes.length, used: used.length, unused: codes.length - used.length, expired: 0 };
  if (!isDeepStrictEqual(counts, due)) {
    broken.push(`numbers-of-codes: counted ${JSON.stringify(counts)}, there are ${JSON.stringify(due)}`);
  }
  return broken;
}

/** Scenarios have codes of one type; with the plan before, if it is of that type, they add up. */
function checkPlan(
  { scenario }: Stage,
  userId: string,
  own: readonly RedemptionCode[],
  account: LedgerAccount | null,
): string[] {
  const broken: string[] = [];
  const hadPlan = userId === 'usr_1' && scenario.codes?.before !== undefined;
  const entitlement = own.length + (hadPlan ? 1 : 0);
  if ((account?.entitlement ?? 0) !== entitlement) {
    broken.push(`a-code-counts-once: ${userId} stands at entitlement ${account?.entitlement}, due is ${entitlement}`);
  }
  const extendsOld = hadPlan && own.every(({ type }) => type === scenario.codes?.before);
  const tokens = own.reduce(
    (sum, code) => sum + (code.tokens ?? 0),
    extendsOld ? (scenario.codes?.beforeTokens ?? 0) : 0,
  );
  if (entitlement > 0 && account?.plan?.tokens !== tokens) {
    broken.push(`plans-are-the-sum: ${userId} has ${account?.plan?.tokens} tokens, the codes come to ${tokens}`);
  }
  const first = own.filter(({ redemption }) => redemption?.extended === false);
  if (own.length > 0 && first.length !== (extendsOld ? 0 : 1)) {
    broken.push(`plans-are-the-sum: ${first.length} codes of ${userId} began a plan`);
  }
  const beganAt = extendsOld ? (own[0]?.createdAt ?? 0) + DAY_MS : first[0]?.redemption?.at;
  if (beganAt !== undefined && own.length > 0 && account?.plan?.expiresAt !== beganAt + own.length * DAY_MS) {
    broken.push(`plans-are-the-sum: the plan of ${userId} ends at ${account?.plan?.expiresAt}`);
  }
  return broken;
}

/** Whoever was told something was told the truth. */
function checkAnswer({ code, userId, attempt, answer }: Redeemer, { used }: Audit): string[] {
  const redemption = used.get(code) ?? null;
  const isOwn = redemption?.attempt === attempt;
  const say = (what: string): string[] => [`answers-are-true: ${attempt} of ${userId} was told ${answer}, ${what}`];
  if (answer === 'redeemed' && !isOwn) return say(`and ${code} is used by ${redemption?.attempt ?? 'nobody'}`);
  if (answer !== 'redeemed' && answer !== 'failed' && answer !== null && isOwn) return say('and it was its own');
  if (answer === 'yours' && redemption?.userId !== userId) return say(`and it was ${redemption?.userId}`);
  if (answer === 'used' && redemption?.userId === userId) return say('and it was this very user');
  if (answer === 'unknown' || answer === 'expired') return say('and it was there, and in time');
  return [];
}
