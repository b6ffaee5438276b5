import { describeChanges } from '@sluice/core/audit/changes';
import type { ActionEnd, ActionFacts } from '@sluice/core/audit/audit-log';
import type { AuditActor } from '@sluice/core/audit/entry';
import { takeOrRefuse } from '@sluice/core/identity/account-throttles';
import type { Throttle } from '@sluice/core/identity/throttle-store';
import { toGatewayError } from '@sluice/kit/http/path-envelopes';
import { auditRuleOf, isAdministrator, type AuditRule } from './audit-rule.ts';
import type { AdminRoute, Answer, Call, Caller } from './route.ts';
import type { AdminServices } from './services.ts';

type AnyCall = Call<unknown, unknown, Caller | null>;

/**
 * Runs a row's handler between the two entries of the audit log that its rule asks for.
 * @throws GatewayError `store_unavailable` when the log cannot be written; nothing was done then
 */
export function createAuditedRun(
  services: AdminServices,
  routes: readonly AdminRoute[],
): (row: AdminRoute, call: AnyCall, requestId: string) => Promise<Answer> {
  const readers = new Map(routes.filter((row) => row.method === 'GET').map((row) => [row.path, row]));
  return async (row, call, requestId) => {
    const rule = auditRuleOf(row);
    if (rule.of === 'noted') return runNoted(services, row, call, requestId);
    const { caller } = call;
    if (rule.of === 'nobody' || caller === null) return row.run(services, call);
    if (!isAdministrator(caller.user)) {
      if (rule.of === 'administrators') return row.run(services, call);
      await takeOrRefuse(services.throttles, entriesOf(caller.user.id), services.clock());
    }

    const reader = rule.before ? null : (readers.get(row.path) ?? null);
    const before = await readBefore({ services, row, rule, reader, call });
    const facts = factsOf({ row, call, actor: actorOf(caller), requestId });
    const begun = await services.audit.begin(facts);
    const end = async (ended: ActionEnd): Promise<void> => {
      try {
        await services.audit.end(begun, ended);
      } catch (thrown) {
        // The action is done and stands as begun; it ends as unknown in the log, and here is how it ended.
        const { action, actorName, target, status } = { ...facts, ...ended };
        services.log.error('audit_end_lost', {
          request_id: requestId,
          action,
          actorName,
          target,
          status,
          ...cause(thrown),
        });
      }
    };
    const answer = await row.run(services, call).catch(async (thrown: unknown) => {
      await end(failureOf(facts, call, thrown));
      throw thrown;
    });
    await end(successOf({ facts, row, call, before, answer }));
    await services.pruneAudit();
    return answer;
  };
}

/** All entries go through one head: no user is to keep administrators from theirs. */
const entriesOf = (userId: string): Throttle => ({
  name: `audited actions of ${userId}`,
  limit: 300,
  windowSeconds: 3_600,
});

/** What was done is known only when it is done, and is not answered before it stands in the log. */
async function runNoted(services: AdminServices, row: AdminRoute, call: AnyCall, requestId: string): Promise<Answer> {
  const told = async (end: (facts: ActionFacts) => ActionEnd): Promise<void> => {
    const { actor } = call.audit;
    if (!actor) return;
    const facts = { ...factsOf({ row, call, actor, requestId }), changes: [] };
    await services.audit.record(facts, end(facts));
  };
  const answer = await row.run(services, call).catch(async (thrown: unknown) => {
    await told((facts) => failureOf(facts, call, thrown));
    throw thrown;
  });
  await told((facts) => ({
    outcome: 'succeeded',
    status: answer.status ?? 200,
    errorCode: null,
    target: call.audit.target ?? facts.target,
    changes: describeChanges(call.audit.before, call.audit.after),
  }));
  return answer;
}

function actorOf({ user, by }: Caller): AuditActor {
  return { id: user.id, name: user.username, role: user.role, by };
}

function factsOf(input: { row: AdminRoute; call: AnyCall; actor: AuditActor; requestId: string }): ActionFacts {
  const { row, call, actor, requestId } = input;
  return {
    actorId: actor.id,
    actorName: actor.name,
    actorRole: actor.role,
    actorBy: actor.by,
    address: call.request.clientAddress,
    action: `${row.method} ${row.path}`,
    target: targetOf(call),
    requestId,
    changes: describeChanges(null, sentBy(row, call)),
  };
}

/** Of an export, which part of what there is. */
function sentBy(row: AdminRoute, call: AnyCall): unknown {
  return row.method === 'GET' ? call.query : call.body;
}

const NAMING = ['id', 'name', 'username', 'email'] as const;

function targetOf(call: AnyCall, answered?: unknown): string | null {
  if (call.audit.target !== undefined) return call.audit.target;
  const named = Object.values(call.params);
  if (named.length > 0) return named.join('/');
  const owner = isRecord(call.query) && typeof call.query['owner'] === 'string' ? `${call.query['owner']}/` : '';
  for (const row of [answered, call.body]) {
    const text = isRecord(row) ? NAMING.map((name) => row[name]).find((value) => typeof value === 'string') : undefined;
    if (typeof text === 'string') return `${owner}${text}`.slice(0, 500);
  }
  return null;
}

interface Reading {
  services: AdminServices;
  row: AdminRoute;
  rule: AuditRule;
  /** The GET row of the same path. */
  reader: AdminRoute | null;
  call: AnyCall;
}

/** A row that cannot be read is no reason to refuse: the handler will say what is wrong with it. */
async function readBefore({ services, row, rule, reader, call }: Reading): Promise<unknown> {
  if (row.method === 'POST' || row.method === 'GET') return null;
  try {
    if (rule.before) return await rule.before(services, call.params);
    const query = reader?.query ? reader.query.safeParse({}).data : {};
    if (!reader?.answer || query === undefined) return null;
    return dataOf(await reader.run(services, { ...call, body: undefined, query, audit: {} }));
  } catch {
    return null;
  }
}

function dataOf(answer: Answer): unknown {
  if (!('json' in answer) || !isRecord(answer.json)) return null;
  const { success: _told, message: _said, data, ...rest } = answer.json;
  return isRecord(data) ? data : data === undefined ? rest : null;
}

interface Ended {
  facts: ActionFacts;
  row: AdminRoute;
  call: AnyCall;
  before: unknown;
  answer: Answer;
}

function successOf({ facts, row, call, before, answer }: Ended): ActionEnd {
  const { audit } = call;
  const was = audit.before ?? before;
  const data = dataOf(answer);
  const sent = sentBy(row, call);
  const isGone = row.method === 'DELETE';
  // Of an answer only the fields that the row had before are told: a new row's answer may carry its secret.
  const is = audit.after ?? (isGone ? null : isRecord(was) && isRecord(data) ? pick(data, Object.keys(was)) : sent);
  const known = isRecord(was) && (audit.after !== undefined || isGone || isRecord(data));
  return {
    outcome: 'succeeded',
    status: answer.status ?? 200,
    errorCode: null,
    target: targetOf(call, data) ?? facts.target,
    changes: describeChanges(known ? pick(was, Object.keys(was)) : (audit.before ?? null), is),
  };
}

function failureOf(facts: ActionFacts, call: AnyCall, thrown: unknown): ActionEnd {
  const { status, code } = toGatewayError(thrown);
  return {
    outcome: status >= 500 ? 'failed' : 'refused',
    status,
    errorCode: code,
    target: call.audit.target ?? facts.target,
    changes: facts.changes,
  };
}

/** They change with every write, and tell nothing. */
const RESTLESS: readonly string[] = ['updatedAt', 'updated_at'];

function pick(row: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  const told = names.filter((name) => Object.hasOwn(row, name) && !RESTLESS.includes(name));
  return Object.fromEntries(told.map((name) => [name, row[name]]));
}

function cause(thrown: unknown): { internal: string } {
  const { internal, message } = toGatewayError(thrown);
  return { internal: internal ?? message };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
