/** Why a credential is in its state, as far as the console has words of its own. */
export const REASONS = [
  'rate_limited',
  'quota_exhausted',
  'payment_required',
  'credential_invalid',
  'overloaded',
  'unreachable',
  'broken',
  'timed_out',
  'disabled_by_operator',
  'disabled_by_owner',
  'own_limit',
] as const;
