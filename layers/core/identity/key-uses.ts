import type { Logger } from '@sluice/kit/log/logger';

/** When keys were last used, to the minute. `layers/aws/tables/key-uses.ts` implements the store. */
export interface KeyUseStore {
  /** Writes it unless a use within the minute before is written already. Repeated freely. */
  noteUse(keyId: string, atMs: number): Promise<void>;
  /** Milliseconds since the epoch by key id; keys that were never used are not in it. */
  lastUses(keyIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

/** A use is written at most this often. */
export const KEY_USE_EVERY_MS = 60_000;

const MOST_KNOWN = 10_000;

/**
 * Notes that a key is used, at most once a minute here.
 * @returns the write, which never fails; null where there is none
 */
export type NoteKeyUse = (keyId: string, nowMs: number) => Promise<void> | null;

export function createKeyUseNotes(deps: { store: Pick<KeyUseStore, 'noteUse'>; logger: Logger }): NoteKeyUse {
  const noted = new Map<string, number>();
  return (keyId, nowMs) => {
    const before = noted.get(keyId);
    if (before !== undefined && nowMs - before < KEY_USE_EVERY_MS) return null;
    // The map keeps the order of insertion: the first is the one that was noted longest ago.
    noted.delete(keyId);
    noted.set(keyId, nowMs);
    if (noted.size > MOST_KNOWN) noted.delete(noted.keys().next().value as string);
    return deps.store.noteUse(keyId, nowMs).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      deps.logger.warn('key_use_not_noted', { key_id: keyId, reason });
    });
  };
}
