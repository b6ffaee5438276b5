export const OUTCOMES = ['succeeded', 'refused', 'failed', 'unknown'] as const;

/** What the address of the audit log says: filters, and the entry that is open. */
export interface AuditSearch {
  actor?: string | undefined;
  /** The beginning of an action. */
  action?: string | undefined;
  target?: string | undefined;
  outcome?: (typeof OUTCOMES)[number] | undefined;
  entry?: number | undefined;
}

/** Unknown values are ignored. A router reads `?actor=4` as a number. */
export function readAuditSearch(given: Record<string, unknown>): AuditSearch {
  const [actor, action, target] = [given['actor'], given['action'], given['target']].map(textOf);
  const outcome = OUTCOMES.find((known) => known === given['outcome']);
  const entry = given['entry'];
  return {
    ...(actor ? { actor } : {}),
    ...(action ? { action } : {}),
    ...(target ? { target } : {}),
    ...(outcome ? { outcome } : {}),
    ...(typeof entry === 'number' && Number.isInteger(entry) ? { entry } : {}),
  };
}

function textOf(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}
