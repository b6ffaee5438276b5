/** What a key is now: an expired one is refused whether or not it is switched on. */
export function keyState(
  key: { is_active: boolean; expires_at: string | null },
  now: number,
): 'active' | 'disabled' | 'expired' {
  if (key.expires_at !== null && Date.parse(key.expires_at) <= now) return 'expired';
  return key.is_active ? 'active' : 'disabled';
}
