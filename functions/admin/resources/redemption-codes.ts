import type {
  codeFilter,
  codeListQuery,
  CodeView,
  createCodesInput,
  redeemInput,
} from '@sluice/contract/redemption-codes';
import { isCodeText, normaliseCode } from '@sluice/core/plans/code-text';
import { createCodes, type CodeTerms } from '@sluice/core/plans/create-codes';
import { redeemCode, type RedemptionResult } from '@sluice/core/plans/redeem';
import { stateOfCode, type CodeQuestion, type Redemption, type RedemptionCode } from '@sluice/core/plans/store';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { csvLine } from '@sluice/kit/text/csv';
import { createHash, randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { InputRefused, notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { dollarsOrNull, namedPlan } from './plans.ts';

type None = Record<string, never>;
const DAY_MS = 86_400_000;

export async function addCodes(
  services: AdminServices,
  call: Call<z.infer<typeof createCodesInput>, None, Caller>,
): Promise<Answer> {
  const { type, prefix, count = 1 } = call.body;
  const terms = await termsOf(services, call);
  const codes = await createCodes(services.codes, { terms, prefix, count });
  const views = codes.map((code) => viewCode(code, terms.createdAt));
  const [first] = views;
  const json =
    type === 'single'
      ? { success: true, code: first?.code, data: first }
      : { success: true, codes: views.map(({ code }) => code), count: views.length, data: { codes: views } };
  return { status: 201, json };
}

async function termsOf(
  services: AdminServices,
  { body, caller }: Call<z.infer<typeof createCodesInput>, None, Caller>,
): Promise<CodeTerms> {
  const now = services.clock();
  const made = {
    description: body.description,
    createdAt: now,
    createdBy: caller.user.id,
    createdByName: caller.user.username,
    expiresAt: body.expires_days === null ? null : now + body.expires_days * DAY_MS,
  };
  if (body.plan !== undefined) {
    const { name, type, tokens, micros } = await namedPlan(services, body.plan);
    return { ...made, planName: name, type, tokens, micros };
  }
  // The schema lets nothing through that names neither a plan nor a type.
  const type = body.plan_type ?? 'daily';
  return { ...made, planName: type, type, tokens: body.token_limit ?? null, micros: body.money_limit ?? null };
}

/** A page by number is read from the beginning on, so numbers end somewhere; cursors do not. */
const MOST_BY_NUMBER = 10_000;

export async function listCodes(
  services: AdminServices,
  call: Call<undefined, z.infer<typeof codeListQuery>, Caller>,
): Promise<Answer> {
  const { limit, cursor } = call.query;
  const page = cursor === undefined ? (call.query.page ?? 1) : null;
  const question = questionOf(services, call.query);
  if ((page ?? 1) * limit > MOST_BY_NUMBER) {
    throw new InputRefused([{ path: 'page', message: `Beyond ${MOST_BY_NUMBER} codes pages are asked for by cursor` }]);
  }
  const { type, nowMs } = question;
  const [listed, totals, ofType] = await Promise.all([
    listPage(services, { question, limit, page, cursor: cursor ?? null }),
    services.codes.count({ type: null, nowMs }),
    type === null ? null : services.codes.count({ type, nowMs }),
  ]);
  const total = question.prefix === null ? (ofType ?? totals)[question.state ?? 'total'] : null;
  const data = {
    codes: listed.codes.map((code) => viewCode(code, question.nowMs)),
    pagination: {
      page,
      limit,
      total,
      pages: total === null ? null : Math.ceil(total / limit),
      has_more: listed.nextCursor !== null,
      next_cursor: listed.nextCursor,
    },
    totals,
  };
  return success(data, data);
}

async function listPage(
  { codes }: AdminServices,
  {
    question,
    limit,
    page,
    cursor,
  }: { question: CodeQuestion; limit: number; page: number | null; cursor: string | null },
): ReturnType<AdminServices['codes']['list']> {
  const skipped = ((page ?? 1) - 1) * limit;
  const before = skipped === 0 ? null : await codesUpTo(codes, question, skipped);
  if (before !== null && before.nextCursor === null) return { codes: [], nextCursor: null };
  return codes.list({ ...question, limit, cursor: before?.nextCursor ?? cursor });
}

/** The codes of the pages before, a thousand at a time, for where they end. */
async function codesUpTo(
  codes: AdminServices['codes'],
  question: CodeQuestion,
  count: number,
): Promise<{ nextCursor: string | null }> {
  let [left, cursor]: [number, string | null] = [count, null];
  do {
    const found: Awaited<ReturnType<typeof codes.list>> = await codes.list({
      ...question,
      limit: Math.min(left, MOST_AT_ONCE),
      cursor,
    });
    left -= found.codes.length;
    cursor = found.nextCursor;
  } while (left > 0 && cursor !== null);
  return { nextCursor: cursor };
}

function questionOf(services: AdminServices, query: z.infer<typeof codeFilter>): CodeQuestion {
  const { status: state, plan_type: type, search = '' } = query;
  const prefix = search === '' ? null : search;
  return { state, type, prefix, nowMs: services.clock(), limit: MOST_AT_ONCE, cursor: null };
}

const MOST_AT_ONCE = 1_000;
/** Some four megabytes. */
const MOST_IN_A_FILE = 20_000;

/** What the list shows, as a file for a spreadsheet. */
export async function exportCodes(
  services: AdminServices,
  call: Call<undefined, z.infer<typeof codeFilter>, Caller>,
): Promise<Answer> {
  const question = questionOf(services, call.query);
  let text = csvLine(Object.keys(CSV_COLUMNS));
  let [count, cursor]: [number, string | null] = [0, null];
  do {
    const page: Awaited<ReturnType<typeof services.codes.list>> = await services.codes.list({ ...question, cursor });
    for (const code of page.codes) {
      const view = viewCode(code, question.nowMs);
      text += csvLine(Object.values(CSV_COLUMNS).map((column) => column(view)));
    }
    count += page.codes.length;
    cursor = page.nextCursor;
  } while (cursor !== null && count < MOST_IN_A_FILE);
  const headers = {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': 'attachment; filename="redemption-codes.csv"',
    // What is missing is never missing in silence.
    ...(cursor !== null && { 'x-sluice-warnings': `only the first ${count} codes are in this file` }),
  };
  return { headers, text };
}

const CSV_COLUMNS: Readonly<Record<string, (view: CodeView) => string | number | null>> = {
  code: (view) => view.code,
  plan_type: (view) => view.plan_type,
  plan_name: (view) => view.plan_name,
  token_limit: (view) => view.token_limit,
  money_limit: (view) => view.money_limit,
  status: (view) => view.status,
  description: (view) => view.description,
  created_at: (view) => view.created_at,
  created_by: (view) => view.created_by_name,
  expires_at: (view) => view.expires_at,
  used_by: (view) => view.used_by_name,
  used_at: (view) => view.used_at,
};

export async function showCode(services: AdminServices, call: Call<undefined, None, Caller>): Promise<Answer> {
  const text = normaliseCode(call.params['id'] ?? '');
  const code = isCodeText(text) ? await services.codes.find(text) : null;
  if (code === null) throw notFound('redemption code of this id');
  return success(viewCode(code, services.clock()));
}

/** A plan that came of it stays. */
export async function deleteCode(services: AdminServices, call: Call<undefined, None, Caller>): Promise<Answer> {
  const text = normaliseCode(call.params['id'] ?? '');
  if (!isCodeText(text) || !(await services.codes.delete(text))) {
    throw notFound('redemption code of this id');
  }
  return { json: { success: true, message: 'The redemption code is deleted.' } };
}

/** Codes cannot be guessed; this keeps those who try from costing anything. */
const TRIES = { limit: 60, windowSeconds: 600 };

export async function redeem(
  services: AdminServices,
  call: Call<z.infer<typeof redeemInput>, None, Caller>,
): Promise<Answer> {
  const { user } = call.caller;
  const now = services.clock();
  const verdict = await services.throttles.take({ name: `redeem-code ${user.id}`, ...TRIES, now });
  if (!verdict.allowed) {
    const retryAfterSeconds = verdict.retryAfterSeconds;
    const message = `Too many tries to redeem a code. Please try again in ${retryAfterSeconds} seconds.`;
    throw new GatewayError('rate_limit_exceeded', { message, retryAfterSeconds });
  }
  const deps = { ...services, offsetMinutes: services.timeZoneOffsetMinutes };
  const attempt = attemptOf(user.id, call.request.headers['idempotency-key']);
  const result = await redeemCode(deps, { text: call.body.code, user, attempt });
  if (result.outcome === 'refused') throw refusal(result);
  return redeemed(result.redemption);
}

/** With a key of the caller's a repeated call is known again, and gets the answer of the first. */
function attemptOf(userId: string, key: string | undefined): string {
  if (key === undefined || key === '') return randomUUID();
  return createHash('sha256').update(`${userId}\n${key}`).digest('base64url');
}

function refusal(result: Extract<RedemptionResult, { outcome: 'refused' }>): GatewayError {
  const param = 'code';
  switch (result.reason) {
    case 'unknown':
      return new GatewayError('code_unknown', { message: 'There is no such redemption code.', param });
    case 'expired':
      return new GatewayError('code_expired', { message: 'The redemption code has expired.', param });
    case 'used':
      return new GatewayError('code_used', { message: 'The redemption code has been used.', param });
    case 'lost-race':
      return new GatewayError('conflict', { message: 'The redemption code has just been used.', param });
    case 'yours': {
      const { at, plan } = result.redemption;
      const message =
        `You have redeemed this code already, at ${isoTime(at)}:` +
        ` it gave you the plan ${plan.name} until ${isoTime(plan.expiresAt)}.`;
      return new GatewayError('code_used', { message, param });
    }
  }
}

function redeemed({ plan, extended, replaced }: Redemption): Answer {
  const { type, name, expiresAt } = plan;
  const view = {
    type,
    name,
    token_limit: plan.tokens,
    money_limit: dollarsOrNull(plan.micros),
    expires_at: isoTime(expiresAt),
    extended,
    replaced: replaced && {
      type: replaced.type,
      name: replaced.name,
      token_limit: replaced.tokens,
      money_limit: dollarsOrNull(replaced.micros),
      expires_at: isoTime(replaced.expiresAt),
    },
  };
  const what = extended ? 'Your plan is extended' : 'Your plan is active';
  const instead = replaced === null ? '' : ` It takes the place of your plan ${replaced.name}, which has ended.`;
  const message = `${what}: ${name}, until ${isoTime(expiresAt)}.${instead}`;
  return success({ plan: view }, { message, plan: view });
}

function viewCode(code: RedemptionCode, nowMs: number): CodeView {
  const { redemption } = code;
  const replaced = redemption?.replaced ?? null;
  return {
    id: code.code,
    code: code.code,
    plan_type: code.type,
    plan_name: code.planName,
    token_limit: code.tokens,
    money_limit: dollarsOrNull(code.micros),
    status: stateOfCode(code, nowMs),
    is_used: redemption !== null,
    used_by: redemption?.userId ?? null,
    used_by_name: redemption?.userName ?? null,
    used_at: isoTimeOrNull(redemption?.at ?? null),
    redeemed_plan: redemption && {
      id: redemption.plan.id,
      expires_at: isoTime(redemption.plan.expiresAt),
      extended: redemption.extended,
    },
    replaced_plan: replaced && {
      name: replaced.name,
      token_limit: replaced.tokens,
      expires_at: isoTime(replaced.expiresAt),
    },
    expires_at: isoTimeOrNull(code.expiresAt),
    created_at: isoTime(code.createdAt),
    created_by: code.createdBy,
    created_by_name: code.createdByName,
    description: code.description,
  };
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

function isoTimeOrNull(timeMs: number | null): string | null {
  return timeMs === null ? null : isoTime(timeMs);
}
