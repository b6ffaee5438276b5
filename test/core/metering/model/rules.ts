import type { Limits, Rules, Setup } from './ledger-model.ts';

/** The algorithm as it is built. */
export const RULES: Rules = {
  voidCreatesEvent: true,
  openWithoutHoldIsVoid: true,
  closesBeforeSettling: true,
  takesStoredFigures: true,
  closesOnlyOpen: true,
  settlesOnlyHeld: true,
  repairReadsEvent: true,
  afterLostAdmission: 'read',
  voidsWhatItGivesUp: true,
  awaitsAdmission: true,
  checksAgeBeforeAdmission: true,
  checksAgeBeforeCall: true,
  checksRoom: true,
  checksEntitlement: true,
  flyComesDown: true,
  retentionEnds: 2,
  creationKeepsHolds: true,
};

/** The algorithm as architecture.md §4 words it; docs/decisions/0015 tells what is wrong with it. */
export const AS_WORDED: Rules = { ...RULES, voidCreatesEvent: false, openWithoutHoldIsVoid: false };

const NO_LIMITS: Limits = { tok: null, req: null, fly: null, plan: null };
const ALL_LIMITS: Limits = { tok: 5, req: 1, fly: 1, plan: 5 };

const ALONE: Setup = {
  requests: 1,
  repairers: 1,
  faults: 2,
  limits: ALL_LIMITS,
  redeems: true,
  accountLacksHolds: false,
  isLimited: true,
};
const PAIR: Setup = { ...ALONE, requests: 2, faults: 0, redeems: false };

export const SETUPS = {
  alone: ALONE,
  aloneBetweenTwoRepairers: { ...ALONE, repairers: 2, redeems: false },
  aloneWithManyFaults: { ...ALONE, faults: 4, redeems: false },
  aloneOnAnAccountWithoutHolds: { ...ALONE, accountLacksHolds: true, redeems: false },
  aloneWithoutLimits: { ...ALONE, isLimited: false, redeems: false },
  pair: PAIR,
  pairWithAFault: { ...PAIR, faults: 1, limits: { ...NO_LIMITS, tok: 5, fly: 1 } },
  pairThatRedeems: { ...PAIR, redeems: true, limits: { ...NO_LIMITS, plan: 5 } },
  pairWithoutHolds: { ...PAIR, accountLacksHolds: true, limits: { ...NO_LIMITS, tok: 9 } },
} as const satisfies Record<string, Setup>;
