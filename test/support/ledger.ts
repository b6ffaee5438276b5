import type { AdminClient } from './gateway.ts';

/** A ledger account as administrators see it. */
export interface LedgerAccountView {
  id: string;
  /** Seconds since the epoch: where its minutes begin. */
  createdAt: number;
  counters: Record<string, number>;
  /** Open holds by request id. */
  holds: Record<string, unknown>;
}

export async function readLedgerAccount(admin: AdminClient, id: string): Promise<LedgerAccountView> {
  const { status, body } = await admin.call('GET', `/api/admin/ledger-accounts/${encodeURIComponent(id)}`);
  if (status !== 200) throw new Error(`ledger account ${id}: ${status} ${JSON.stringify(body)}`);
  return body['data'] as LedgerAccountView;
}

/** The id of the user who is logged in. */
export async function ownUserId(admin: AdminClient): Promise<string> {
  const { body } = await admin.call('GET', '/api/auth/me');
  const user = (body['user'] ?? body['data'] ?? body) as { id?: unknown };
  if (typeof user.id !== 'string') throw new Error(`no user id in ${JSON.stringify(body)}`);
  return user.id;
}

/** A counter's name is `<measure>#<scope>#<window>`; those of one key, without the scope. */
export function countersOfKey(account: LedgerAccountView, keyId: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [name, value] of Object.entries(account.counters)) {
    const [measure = '', scope = ''] = name.split('#');
    const short = scope.startsWith('k:') ? scope.slice(2) : '';
    if (short !== '' && keyId.includes(short)) found[measure] = (found[measure] ?? 0) + value;
  }
  return found;
}

/** Moves the clocks of all the stack's processes; `now` is milliseconds since the epoch. */
export async function moveClock(sandboxUrl: string, now: number): Promise<void> {
  const response = await fetch(`${sandboxUrl}/__clock`, { method: 'POST', body: JSON.stringify({ now }) });
  if (response.status !== 200) throw new Error(`the clock answered ${response.status}: ${await response.text()}`);
}
