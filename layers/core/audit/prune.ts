import { randomUUID } from 'node:crypto';
import type { Append } from './append.ts';
import { GENESIS_HASH, hashOf, type AuditEntry, type AuditFacts } from './entry.ts';
import type { AuditStore } from './store.ts';

export const PRUNE_ACTION = 'audit.prune';
/** A transaction holds 100 writes; entry, head and checkpoint are three of them. */
const MOST_AT_ONCE = 90;
const MOST_ROUNDS = 10;

/**
 * Lets go of entries older than `before`. Their last hash lives on twice: in the checkpoint that the chain begins at
 * then, and in an entry of the chain itself, all in one transaction. Entries that do not prove are kept: they are
 * evidence.
 * @returns how many are gone
 */
export async function pruneAudit(store: AuditStore, append: Append, before: number): Promise<number> {
  let gone = 0;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const old = await oldEntries(store, before);
    const last = old.at(-1);
    if (last === undefined) return gone;
    const facts = factsOf(last);
    const written = await append(
      () => facts,
      (entry) => ({
        checkpoint: { sequence: last.sequence, hash: last.hash, toldBy: entry.sequence },
        sequences: old.map(({ sequence }) => sequence),
      }),
    );
    if (written === null) return gone;
    gone += old.length;
    if (old.length < MOST_AT_ONCE) return gone;
  }
  return gone;
}

async function oldEntries(store: AuditStore, before: number): Promise<AuditEntry[]> {
  const [head, checkpoint] = [await store.readHead(), await store.readCheckpoint()];
  let { sequence, hash } = checkpoint ?? { sequence: 0, hash: GENESIS_HASH };
  const open = new Set(Object.values(head?.open ?? {}).map((action) => action.sequence));
  const old: AuditEntry[] = [];
  for (const { entry, keySequence } of await store.readRows({ after: sequence, limit: MOST_AT_ONCE })) {
    const proves =
      entry !== null &&
      entry.sequence === sequence + 1 &&
      keySequence === entry.sequence &&
      entry.previous === hash &&
      hashOf(entry) === entry.hash;
    if (!proves || entry.time >= before || open.has(entry.sequence)) break;
    old.push(entry);
    ({ sequence, hash } = entry);
  }
  return old;
}

function factsOf(last: AuditEntry): AuditFacts {
  return {
    actionId: randomUUID(),
    outcome: 'succeeded',
    actorId: null,
    actorName: null,
    actorRole: null,
    actorBy: null,
    address: '',
    action: PRUNE_ACTION,
    target: `through ${last.sequence}`,
    requestId: '',
    status: null,
    errorCode: null,
    changes: [{ field: 'checkpoint', after: checkpointText(last) }],
    begunBy: null,
  };
}

/** How an entry tells of a checkpoint. */
export function checkpointText({ sequence, hash }: { sequence: number; hash: string }): string {
  return JSON.stringify({ sequence, hash });
}
