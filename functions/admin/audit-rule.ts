import type { AuditActor } from '@sluice/core/audit/entry';
import { roleHas } from '@sluice/core/identity/permissions';
import type { User } from '@sluice/core/identity/store';
import type { AdminServices } from './services.ts';

/** Whose calls of a row stand in the audit log. */
export interface AuditRule {
  /**
   * `noted`: for rows that anybody may call; those of whom the handler names in `call.audit.actor`.
   * `administrators`: users do this to what is their own; an administrator may do it to what is somebody's.
   */
  of: 'everybody' | 'administrators' | 'noted' | 'nobody';
  /** Why nobody's. */
  reason?: string;
  /** The row that the call is about, as it was; null when there is none. Where absent, the GET row of the same path. */
  before?: (services: AdminServices, params: Record<string, string>) => Promise<unknown>;
}

/** What a handler may tell of its call beyond what the call itself says. */
export interface AuditNotes {
  actor?: AuditActor;
  target?: string;
  before?: unknown;
  after?: unknown;
}

/** What of a row tells whose calls of it stand in the log. */
interface RuledRow {
  method: string;
  access: string;
  audit?: AuditRule | undefined;
}

/** Writing rows are audited unless they say otherwise; reading ones only when they say so. */
export function auditRuleOf(row: RuledRow): AuditRule {
  if (row.audit) return row.audit;
  if (row.method === 'GET' || row.access === 'public') return { of: 'nobody' };
  return { of: /:own$|^profile:|^codes:redeem$/.test(row.access) ? 'administrators' : 'everybody' };
}

/** Whoever reaches more than their own rows. */
export function isAdministrator(user: Pick<User, 'role'>): boolean {
  return roleHas(user.role, 'usage:any');
}

/** Names who signed in, where that is an administrator. */
export function noteSignIn(notes: AuditNotes, user: User): void {
  if (isAdministrator(user)) noteUser(notes, user, 'password');
}

/** Names whose account a call of nobody in particular is about. */
export function noteUser(notes: AuditNotes, user: User, by: AuditActor['by']): void {
  notes.actor = { id: user.id, name: user.username, role: user.role, by };
  notes.target ??= user.id;
}
