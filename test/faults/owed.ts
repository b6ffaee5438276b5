import type { UsageClosing } from '../../layers/core/metering/store.ts';

const CREDENTIAL = 'credential:';

export function isCredential(accountId: string): boolean {
  return accountId.startsWith(CREDENTIAL);
}

export function accountOfCredential(credentialId: string): string {
  return CREDENTIAL + credentialId;
}

/** What an event leaves on a counter of an account; nothing while it is open. */
export function owedBy(accountId: string, counter: string, closing: UsageClosing | null | undefined): number {
  return closing && isOwed(accountId, closing) ? amountOf(counter, closing) : 0;
}

/**
 * A credential is charged for what it served, by the event's own word. Who was asked by a process that died is known
 * to nobody: then a credential may be charged whose hold stood.
 */
function isOwed(accountId: string, { credential, source }: UsageClosing): boolean {
  if (!isCredential(accountId) || source === 'abandoned') return true;
  return accountId === accountOfCredential(`crd_${credential}`);
}

/** What an event of this kind leaves on a counter of this name. */
function amountOf(counter: string, { source, parts, costMicros }: UsageClosing): number {
  if (source === 'void') return 0;
  const [measure] = counter.split('#');
  switch (measure) {
    case 'fly':
      return 0;
    case 'tok':
    case 'plan':
      return Object.values(parts).reduce((sum, count) => sum + count, 0);
    case 'usd':
    case 'planUsd':
      return costMicros;
    default:
      return 1;
  }
}
