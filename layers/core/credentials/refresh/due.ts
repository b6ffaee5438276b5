import { createHash } from 'node:crypto';

/** A token is renewed when this part of its life is over, and by chance up to a tenth later. */
const LIFE_PART = 0.7;
const JITTER_PART = 0.1;

/**
 * When a token is to be renewed: at 70 to 80 % of its life, at the same moment however often it is asked, and records
 * that were renewed together apart from each other. Null when its life is not known.
 */
export function refreshDueAt(token: {
  upstream: string;
  credentialId: string;
  rotation: number;
  obtainedAt: number;
  expiresAt: number | null;
}): number | null {
  const { upstream, credentialId, rotation, obtainedAt, expiresAt } = token;
  if (expiresAt === null) return null;
  const life = Math.max(0, expiresAt - obtainedAt);
  return (
    obtainedAt + Math.floor(life * (LIFE_PART + JITTER_PART * fractionOf(`${upstream}\n${credentialId}\n${rotation}`)))
  );
}

/** In [0, 1), always the same for a text. */
export function fractionOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 0x1_0000_0000;
}
