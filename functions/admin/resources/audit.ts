import type { AuditQuery, AuditVerifyQuery } from '@sluice/contract/audit';
import type { AuditEntry, AuditOutcome } from '@sluice/core/audit/entry';
import { verifyAudit } from '@sluice/core/audit/verify';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';

const ENDED: readonly AuditOutcome[] = ['succeeded', 'refused', 'failed', 'unknown'];

export async function listAudit(
  services: AdminServices,
  { query }: Call<undefined, AuditQuery, Caller>,
): Promise<Answer> {
  const { limit, cursor, outcome, from, to, ...filter } = query;
  const outcomes = outcome === 'all' ? undefined : outcome === 'ended' ? ENDED : [outcome];
  const page = await services.auditStore.list(
    { ...filter, outcomes, from: instantOf(from), to: instantOf(to) },
    { limit, cursor: cursor ?? null },
  );
  return success({ entries: page.entries.map(viewEntry), next_cursor: page.nextCursor });
}

export async function verifyChain(
  services: AdminServices,
  { query }: Call<undefined, AuditVerifyQuery, Caller>,
): Promise<Answer> {
  const { from = null, anchor = null, limit } = query;
  const report = await verifyAudit(services.auditStore, { from, anchor, limit });
  const { next } = report;
  return success({ ...report, next: next && `${next.sequence}:${next.hash}` });
}

function viewEntry(entry: AuditEntry) {
  const { actorId, actorName, actorRole, actorBy } = entry;
  return {
    sequence: entry.sequence,
    time: new Date(entry.time).toISOString(),
    actor: actorId === null ? null : { id: actorId, name: actorName ?? '', role: actorRole ?? '', by: actorBy ?? '' },
    address: entry.address === '' ? null : entry.address,
    action: entry.action,
    target: entry.target,
    outcome: entry.outcome,
    status: entry.status,
    error_code: entry.errorCode,
    request_id: entry.requestId,
    changes: entry.changes.map(({ field, before, after }) => ({
      field,
      ...(before === undefined ? {} : { before: valueOf(before) }),
      ...(after === undefined ? {} : { after: valueOf(after) }),
    })),
    begun_by: entry.begunBy,
    previous_hash: entry.previous,
    hash: entry.hash,
  };
}

function instantOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}

/** As it stands: the log may have been edited, and is shown all the same. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
