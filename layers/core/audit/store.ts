import type { AuditEntry, AuditOutcome } from './entry.ts';

/** The audit log as the rules see it. `layers/aws/tables/audit.ts` implements it. */

/** An action that was begun and not ended yet. */
export interface OpenAction {
  sequence: number;
  time: number;
}

/** Where the chain ends. */
export interface AuditHead {
  sequence: number;
  hash: string;
  time: number;
  /** By action id. */
  open: Record<string, OpenAction>;
}

/** Where the chain begins, once its oldest entries are gone. */
export interface AuditCheckpoint {
  /** The last entry that is gone, and its hash. */
  sequence: number;
  hash: string;
  /** The entry that tells of it; it is part of the chain, so a checkpoint cannot be made up. */
  toldBy: number;
}

/** A place in the chain: an entry that was reached, and its hash. */
export interface ChainPosition {
  sequence: number;
  hash: string;
}

/** A row as it is stored, for whoever checks it. */
export interface AuditRow {
  /** The sequence that its key says; null when the key is none of ours. */
  keySequence: number | null;
  /** The stored key, for a reader. */
  key: string;
  /** Null when it does not read as an entry. */
  entry: AuditEntry | null;
}

export interface AppendRequest {
  entry: AuditEntry;
  /** The head that the entry follows; null for the first entry. */
  seen: AuditHead | null;
  next: AuditHead;
  /** Rows that go with this entry, and the checkpoint that stands for them then. */
  prune?: { checkpoint: AuditCheckpoint; sequences: number[] } | undefined;
}

export interface AuditFilter {
  /** User id or user name. */
  actor?: string | undefined;
  /** Beginning of the action. */
  action?: string | undefined;
  target?: string | undefined;
  outcomes?: readonly AuditOutcome[] | undefined;
  /** Milliseconds since the epoch, both inclusive. */
  from?: number | undefined;
  to?: number | undefined;
}

export interface AuditPage {
  entries: AuditEntry[];
  /** Null at the end. A page may be short, even empty, and yet not the last. */
  nextCursor: string | null;
}

export interface AuditStore {
  readHead(): Promise<AuditHead | null>;
  readCheckpoint(): Promise<AuditCheckpoint | null>;
  /**
   * Puts the entry and moves the head to it, all or nothing; false when the chain has gone on meanwhile.
   * @throws GatewayError `store_unavailable` when it may or may not have been done
   */
  append(request: AppendRequest): Promise<boolean>;
  findEntry(sequence: number): Promise<AuditEntry | null>;
  /** The rows behind this sequence, oldest first, whatever they look like. */
  readRows(request: { after: number; limit: number }): Promise<AuditRow[]>;
  /** Newest first. */
  list(filter: AuditFilter, page: { limit: number; cursor: string | null }): Promise<AuditPage>;
}
