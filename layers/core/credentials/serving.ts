/*
 * Credentials of an upstream that may serve, in the order in which they are asked: by class (tier and priority, users'
 * last), and within a class around a ring, evenly spread. `layers/aws/tables/serving.ts` implements it.
 */

export interface ServingEntry {
  credentialId: string;
  /** Texts in the order of asking; that of users' credentials is `USERS_CLASS`. */
  servingClass: string;
  /** In [0, 2^32). */
  position: number;
}

export const USERS_CLASS = 'u';
export const RING_SIZE = 0x1_0000_0000;

export interface ServingList {
  /** The first ones, and whether those are all. */
  head(upstream: string, limit: number): Promise<{ entries: ServingEntry[]; isWhole: boolean }>;
  /** Of one class, from this position around the ring; each once. */
  around(upstream: string, servingClass: string, from: { position: number; limit: number }): Promise<ServingEntry[]>;
  /** Whether any is of this class. */
  has(upstream: string, servingClass: string): Promise<boolean>;
}

/** What of a long list can be used whole, and the class of which every request uses its own part. */
export interface CutList {
  /** Of the classes that stand in the head from first to last. */
  whole: ServingEntry[];
  cut: string;
  /** Parts of the ring that are told apart; a power of two, so that it changes seldom. */
  slots: number;
}

/** @param head the first entries of a list that goes on */
export function cutList(head: readonly ServingEntry[], partSize: number): CutList {
  const last = head.at(-1);
  if (last === undefined) throw new Error('A list that goes on has a beginning.');
  const cut = last.servingClass;
  const ofCut = head.filter(({ servingClass }) => servingClass === cut);
  // They are evenly spread, so the first of them tell how many there are.
  const guess = (ofCut.length * RING_SIZE) / Math.max(1, last.position);
  return {
    whole: head.filter(({ servingClass }) => servingClass !== cut),
    cut,
    slots: slotsFor(guess, partSize),
  };
}

const MOST_SLOTS = 4_096;

/** Twice as many as would do, so that neighbours overlap and everybody has their turn. */
function slotsFor(count: number, partSize: number): number {
  const wanted = Math.max(1, (2 * count) / partSize);
  return Math.min(MOST_SLOTS, 2 ** Math.ceil(Math.log2(wanted)));
}

/** Where the part of a conversation begins. */
export function slotOf(seed: number, slots: number): { slot: number; position: number } {
  const slot = Math.min(slots - 1, Math.floor((seed / RING_SIZE) * slots));
  return { slot, position: Math.floor((slot / slots) * RING_SIZE) };
}
