import { useSyncExternalStore } from 'react';

/**
 * The secret of the key made last in this tab, so that the quick start can be pasted as it stands. It lives in memory
 * only: a reload or a logout forgets it, and it is never written to any storage.
 */
let freshKey: string | null = null;
const listeners = new Set<() => void>();

export function rememberFreshKey(secret: string | null): void {
  freshKey = secret;
  for (const listener of listeners) listener();
}

export function useFreshKey(): string | null {
  return useSyncExternalStore(subscribe, () => freshKey);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
