import { createHash } from 'node:crypto';

/** Who did it. */
export interface AuditActor {
  id: string;
  name: string;
  role: string;
  /** How they proved who they are: an access token, the console's cookie, a password. */
  by: 'token' | 'cookie' | 'password' | 'link';
}

/** One field that an action changed; the values are JSON, without secrets. */
export interface AuditChange {
  field: string;
  before?: string | undefined;
  after?: string | undefined;
}

/**
 * `begun` stands in the log before an action runs; the entry that ends it says how. `unknown`: nobody said, because the
 * process ended or could not write; the action may have been done.
 */
export const AUDIT_OUTCOMES = ['begun', 'succeeded', 'refused', 'failed', 'unknown'] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** What an entry says of an action, before it has its place in the chain. */
export interface AuditFacts {
  /** The action's own id: the entries that begin and end it share it. */
  actionId: string;
  outcome: AuditOutcome;
  actorId: string | null;
  actorName: string | null;
  actorRole: string | null;
  actorBy: string | null;
  /** As the CDN reported it; empty when unknown. */
  address: string;
  /** `PUT /api/admin/models/{name+}` */
  action: string;
  /** Which row it was done to; null where there is no one row. */
  target: string | null;
  requestId: string;
  /** HTTP status of the answer; null while there is none. */
  status: number | null;
  errorCode: string | null;
  changes: AuditChange[];
  /** Sequence of the entry that began the action. */
  begunBy: number | null;
}

/** One entry of the audit log: each carries the hash of the one before it. */
export interface AuditEntry extends AuditFacts {
  /** 1, 2, 3… without a gap. */
  sequence: number;
  /** Milliseconds since the epoch; never before that of the entry before. */
  time: number;
  previous: string;
  /** SHA-256 of everything else, as `hashOf` makes it. */
  hash: string;
}

/** What stands before the first entry. */
export const GENESIS_HASH = '0'.repeat(64);

/** SHA-256, in hex, of the canonical JSON of an entry without its hash. */
export function hashOf({ hash: _own, ...entry }: Omit<AuditEntry, 'hash'> & { hash?: string }): string {
  return createHash('sha256').update(canonicalJson(entry)).digest('hex');
}

/** JSON with the names of each object in order and nothing between the tokens; what is undefined is left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
