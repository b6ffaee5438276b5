import type { Scheduler } from '@sluice/kit/time/scheduler';
import type { NoteKeyUse } from '../identity/key-uses.ts';
import type { Exchange } from './exchange.ts';
import { atMost } from './patience.ts';

export interface KeyUseDeps {
  noteKeyUse: NoteKeyUse;
  scheduler: Scheduler;
}

/** A host may freeze the process at the answer's end, so the end waits, but not for a store that hangs. */
const PATIENCE_MS = 1_000;

/**
 * Notes that the caller's key was used, when that is due. Begun behind the answer's last byte.
 * @returns what the answer's end has to wait for; null in all but one call a minute
 */
export function noteUse({ noteKeyUse, scheduler }: KeyUseDeps, { caller, startedAt }: Exchange): Promise<void> | null {
  // Access tokens stand for a key that is none.
  if (caller === null || caller.key.digest === '') return null;
  const noted = noteKeyUse(caller.key.id, startedAt);
  return noted && atMost(scheduler, PATIENCE_MS, noted);
}
