import { randomUUID } from 'node:crypto';
import { createAppend, type Append, type AppendDeps } from './append.ts';
import type { AuditEntry, AuditFacts } from './entry.ts';
import { pruneAudit } from './prune.ts';

/**
 * Writes the audit log. An action is begun in the log before it runs and ended there after it, so a crash in between
 * leaves an entry that says so; the next actions end it as `unknown` once nobody can be at work on it any more.
 */

type Begun = Pick<AuditEntry, 'actionId' | 'sequence'>;
export type ActionFacts = Omit<AuditFacts, 'actionId' | 'outcome' | 'begunBy' | 'status' | 'errorCode'>;
export type ActionEnd = Pick<AuditFacts, 'outcome' | 'status' | 'errorCode' | 'target' | 'changes'>;

export interface AuditLog {
  /** Before the action. @throws GatewayError `store_unavailable`: then the action must not run */
  begin(facts: ActionFacts): Promise<Begun & { facts: ActionFacts }>;
  /** After it. @throws GatewayError `store_unavailable`: the action stays begun, and is ended as `unknown` later */
  end(begun: Begun & { facts: ActionFacts }, end: ActionEnd): Promise<AuditEntry>;
  /** For what is known only when it is done: one entry, before anything is answered. */
  record(facts: ActionFacts, end: ActionEnd): Promise<AuditEntry>;
  /** Lets go of entries older than this; tells how many. */
  prune(before: number): Promise<number>;
}

export interface AuditLogDeps extends AppendDeps {
  newId?: (() => string) | undefined;
}

/** Longer than any function of ours runs on behalf of a caller. */
export const OPEN_FOR_MS = 10 * 60_000;
const MOST_ENDED_AT_ONCE = 3;

export function createAuditLog(deps: AuditLogDeps): AuditLog {
  const append = createAppend(deps);
  const newId = deps.newId ?? randomUUID;
  return {
    async begin(facts) {
      await endForgotten(deps, append);
      const started = { ...facts, actionId: newId(), outcome: 'begun', status: null, errorCode: null } as const;
      const { actionId, sequence } = present(await append(() => ({ ...started, begunBy: null })));
      return { actionId, sequence, facts };
    },
    async end({ actionId, sequence, facts }, end) {
      return present(await append(() => ({ ...facts, ...end, actionId, begunBy: sequence })));
    },
    async record(facts, end) {
      const actionId = newId();
      return present(await append(() => ({ ...facts, ...end, actionId, begunBy: null })));
    },
    prune: (before) => pruneAudit(deps.store, append, before),
  };
}

/** What nobody ended, and nobody can end any more, ends as unknown. */
async function endForgotten({ store, clock }: AuditLogDeps, append: Append): Promise<void> {
  const head = await store.readHead();
  const old = Object.entries(head?.open ?? {}).filter(([, { time }]) => time < clock() - OPEN_FOR_MS);
  for (const [actionId, { sequence }] of old.slice(0, MOST_ENDED_AT_ONCE)) {
    const begun = await store.findEntry(sequence);
    if (begun === null) continue;
    const { sequence: _own, time: _time, previous: _previous, hash: _hash, ...facts } = begun;
    await append((now) =>
      now !== null && Object.hasOwn(now.open, actionId) ? { ...facts, outcome: 'unknown', begunBy: sequence } : null,
    );
  }
}

function present(entry: AuditEntry | null): AuditEntry {
  if (entry === null) throw new Error('An entry that is always to be written was not.');
  return entry;
}
