import { setTimeout as sleepFor } from 'node:timers/promises';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { Clock } from '@sluice/kit/time/clock';
import { GENESIS_HASH, hashOf, type AuditEntry, type AuditFacts } from './entry.ts';
import type { AppendRequest, AuditHead, AuditStore } from './store.ts';

/*
 * Appending is one transaction: the entry under `not there yet`, the head under `still as seen`. It survives rivals
 * (whoever lost begins again at the new head) and lost answers: an entry can only ever stand at the one place that
 * follows the head it was made for, so looking there tells whether it was written.
 */

export interface AppendDeps {
  store: AuditStore;
  clock: Clock;
  /** What was appended, for a witness outside of the table. */
  onAppended?: ((entry: AuditEntry) => void) | undefined;
  pause?: ((ms: number) => Promise<unknown>) | undefined;
  /** 0 ≤ x < 1. */
  random?: (() => number) | undefined;
}

/** Rivals won so often. */
const MOST_ATTEMPTS = 40;
/** The store failed so often; its client has tried again by itself each time. */
const MOST_FAILURES = 3;
const LONGEST_PAUSE_MS = 100;

/** What is to be appended, given where the chain ends; null when there is nothing to append any more. */
type Draft = (head: AuditHead | null) => AuditFacts | null;
export type Append = (draft: Draft, prune?: PruneOf) => Promise<AuditEntry | null>;
type PruneOf = (entry: AuditEntry) => NonNullable<AppendRequest['prune']>;

/** Appends in turn: rivals within this process wait for each other instead of meeting at the head. */
export function createAppend(deps: AppendDeps): Append {
  let last: Promise<unknown> = Promise.resolve();
  return (draft, prune) => {
    const mine = last.then(() => appendNow(deps, draft, prune));
    last = mine.catch(() => undefined);
    return mine;
  };
}

async function appendNow(deps: AppendDeps, draft: Draft, prune?: PruneOf): Promise<AuditEntry | null> {
  const { store, pause = sleepFor, random = Math.random } = deps;
  let tried: AuditEntry | null = null;
  let cause: unknown;
  let failures = 0;
  for (let attempt = 0; attempt < MOST_ATTEMPTS && failures < MOST_FAILURES; attempt += 1) {
    if (attempt > 0) await pause(random() * Math.min(LONGEST_PAUSE_MS, 2 ** attempt));
    try {
      const head = await store.readHead();
      const written = tried && (await ownEntry(store, head, tried));
      if (written) return told(deps, written);
      const facts = draft(head);
      if (facts === null) return null;
      tried = follow(head, facts, deps.clock());
      const request = { entry: tried, seen: head, next: headAfter(head, tried), prune: prune?.(tried) };
      if (await store.append(request)) return told(deps, tried);
    } catch (error) {
      cause = error;
      failures += 1;
    }
  }
  throw new GatewayError('store_unavailable', {
    message: 'The audit log cannot be written at the moment. Please try again.',
    internal: String(cause),
    cause,
  });
}

/** The entry that we tried to write, when it was written although nobody told us so. */
async function ownEntry(store: AuditStore, head: AuditHead | null, tried: AuditEntry): Promise<AuditEntry | null> {
  if ((head?.sequence ?? 0) < tried.sequence) return null;
  const found = await store.findEntry(tried.sequence);
  return found !== null && found.actionId === tried.actionId && found.outcome === tried.outcome ? found : null;
}

function follow(head: AuditHead | null, facts: AuditFacts, now: number): AuditEntry {
  const entry = {
    ...facts,
    sequence: (head?.sequence ?? 0) + 1,
    time: Math.max(now, head?.time ?? 0),
    previous: head?.hash ?? GENESIS_HASH,
  };
  return { ...entry, hash: hashOf(entry) };
}

function headAfter(head: AuditHead | null, entry: AuditEntry): AuditHead {
  const { sequence, hash, time, actionId, outcome } = entry;
  const { [actionId]: _ended, ...open } = head?.open ?? {};
  return { sequence, hash, time, open: outcome === 'begun' ? { ...open, [actionId]: { sequence, time } } : open };
}

function told(deps: AppendDeps, entry: AuditEntry): AuditEntry {
  deps.onAppended?.(entry);
  return entry;
}
