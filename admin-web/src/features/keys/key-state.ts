/** What a key is now, as the API calls it: one that is switched off is that, whether or not it has expired too. */
export function keyState(
  key: { is_active: boolean; expires_at: string | null },
  now: number,
): 'active' | 'disabled' | 'expired' {
  if (!key.is_active) return 'disabled';
  return key.expires_at !== null && Date.parse(key.expires_at) <= now ? 'expired' : 'active';
}
