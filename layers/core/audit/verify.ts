import { GENESIS_HASH, hashOf } from './entry.ts';
import { checkpointText, PRUNE_ACTION } from './prune.ts';
import type { AuditHead, AuditRow, AuditStore, ChainPosition } from './store.ts';

/** The first place where the log is not what was written. */
export interface ChainBreak {
  /** The entry that is at fault. */
  sequence: number;
  kind: 'edited' | 'removed' | 'moved' | 'inserted' | 'replaced' | 'truncated' | 'head' | 'checkpoint' | 'anchor';
  message: string;
}

export interface VerifyReport {
  /** Entries that this call proved. */
  checked: number;
  /** How far the chain is proved. */
  position: ChainPosition;
  head: ChainPosition | null;
  /** Actions that were begun and not ended. */
  open: number;
  broken: ChainBreak | null;
  /** Where the next call goes on; null at the end and at a break. */
  next: ChainPosition | null;
}

export interface VerifyRequest {
  /** `next` of the call before; null begins at the beginning. */
  from: ChainPosition | null;
  /** Most entries to read. */
  limit: number;
  /** A head that somebody noted earlier: the chain must still go through it. */
  anchor?: ChainPosition | null | undefined;
}

/**
 * Proves a stretch of the chain: each entry's hash is that of its content, follows from the one before, and the last is
 * the one that the head names. The head is read first, so entries that are appended meanwhile are no fault.
 */
export async function verifyAudit(store: AuditStore, request: VerifyRequest): Promise<VerifyReport> {
  const head = await store.readHead();
  const open = Object.keys(head?.open ?? {}).length;
  const report = (position: ChainPosition, found: Partial<VerifyReport>): VerifyReport => ({
    checked: 0,
    position,
    head: head && { sequence: head.sequence, hash: head.hash },
    open,
    broken: null,
    next: null,
    ...found,
  });
  const begin = request.from ? { at: request.from, broken: null } : await beginning(store);
  const broken = begin.broken ?? (await anchorFault(store, request.anchor ?? null, begin.at, head));
  if (broken) return report(begin.at, { broken });

  const rows = await store.readRows({ after: begin.at.sequence, limit: request.limit });
  const walked = walk(rows, begin.at, head);
  const { at, checked } = walked;
  if (walked.broken) {
    // The oldest entries may have been let go of since the call before.
    const now = walked.broken.kind === 'removed' ? await beginning(store) : null;
    if (now && now.broken === null && now.at.sequence > at.sequence) return report(now.at, { checked, next: now.at });
    return report(at, { checked, broken: walked.broken });
  }
  if (at.sequence < (head?.sequence ?? 0)) {
    if (rows.length > 0) return report(at, { checked, next: at });
    const now = await beginning(store);
    if (now.broken === null && now.at.sequence > at.sequence) return report(now.at, { checked, next: now.at });
    return report(at, { checked, broken: truncated(at, head) });
  }
  return report(at, { checked, broken: await endFault(store, at, head) });
}

async function beginning(store: AuditStore): Promise<{ at: ChainPosition; broken: ChainBreak | null }> {
  const checkpoint = await store.readCheckpoint();
  if (checkpoint === null) return { at: { sequence: 0, hash: GENESIS_HASH }, broken: null };
  const { sequence, hash, toldBy } = checkpoint;
  const teller = await store.findEntry(toldBy);
  const told =
    teller !== null &&
    toldBy > sequence &&
    teller.action === PRUNE_ACTION &&
    teller.changes[0]?.after === checkpointText(checkpoint) &&
    hashOf(teller) === teller.hash;
  const message = `The chain begins behind entry ${sequence}, and no entry tells that it was let go of.`;
  return { at: { sequence, hash }, broken: told ? null : { sequence: sequence + 1, kind: 'checkpoint', message } };
}

async function anchorFault(
  store: AuditStore,
  anchor: ChainPosition | null,
  at: ChainPosition,
  head: AuditHead | null,
): Promise<ChainBreak | null> {
  if (anchor === null || anchor.sequence < at.sequence) return null;
  const { sequence } = anchor;
  const found =
    sequence === at.sequence
      ? at.hash
      : sequence > (head?.sequence ?? 0)
        ? null
        : (await store.findEntry(sequence))?.hash;
  if (found === anchor.hash) return null;
  return {
    sequence,
    kind: 'anchor',
    message: `Entry ${sequence} is not the one that was noted: the log was rewritten.`,
  };
}

function walk(
  rows: readonly AuditRow[],
  from: ChainPosition,
  head: AuditHead | null,
): { at: ChainPosition; checked: number; broken: ChainBreak | null } {
  let at = from;
  let checked = 0;
  for (const row of rows) {
    if (row.keySequence !== null && row.keySequence > (head?.sequence ?? 0)) break;
    const broken = faultOf(row, at);
    if (broken) return { at, checked, broken };
    const { sequence, hash } = row.entry ?? at;
    at = { sequence, hash };
    checked += 1;
  }
  return { at, checked, broken: null };
}

function faultOf({ key, keySequence, entry }: AuditRow, at: ChainPosition): ChainBreak | null {
  const expected = at.sequence + 1;
  const fault = (sequence: number, kind: ChainBreak['kind'], message: string): ChainBreak => ({
    sequence,
    kind,
    message,
  });
  if (keySequence === null) return fault(expected, 'inserted', `The row ${key} is none that was appended.`);
  if (keySequence > expected) {
    const last = keySequence - 1;
    const which = last > expected ? `Entries ${expected} to ${last} are` : `Entry ${expected} is`;
    return fault(expected, 'removed', `${which} not there.`);
  }
  if (entry === null) return fault(expected, 'edited', `Entry ${expected} does not read as an entry.`);
  if (entry.sequence !== expected) {
    return fault(expected, 'moved', `In the place of entry ${expected} stands entry ${entry.sequence}.`);
  }
  if (hashOf(entry) !== entry.hash) {
    return fault(expected, 'edited', `Entry ${expected} was edited: its hash is not that of its content.`);
  }
  if (entry.previous !== at.hash) {
    const sequence = at.sequence === 0 ? expected : at.sequence;
    return fault(sequence, 'replaced', `Entry ${sequence} is not the one that entry ${expected} was appended to.`);
  }
  return null;
}

function truncated(at: ChainPosition, head: AuditHead | null): ChainBreak {
  const sequence = at.sequence + 1;
  return { sequence, kind: 'truncated', message: `The entries from ${sequence} to ${head?.sequence} are not there.` };
}

/** The chain is proved as far as the head that was read: nothing may stand behind the head as it is now. */
async function endFault(store: AuditStore, at: ChainPosition, head: AuditHead | null): Promise<ChainBreak | null> {
  if (head !== null && head.hash !== at.hash) {
    const message = `Entry ${at.sequence} is not the one that the head names: it was edited and hashed anew.`;
    return { sequence: at.sequence, kind: 'replaced', message };
  }
  const [behind] = await store.readRows({ after: at.sequence, limit: 1 });
  if (behind === undefined) return null;
  const now = await store.readHead();
  const sequence = at.sequence + 1;
  if (now === null) return { sequence, kind: 'head', message: 'There are entries, and the head is not there.' };
  if (behind.keySequence !== null && behind.keySequence <= now.sequence) return null;
  return { sequence, kind: 'inserted', message: `Behind the head stands a row that was not appended: ${behind.key}.` };
}
