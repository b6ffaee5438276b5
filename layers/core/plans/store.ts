/**
 * Plans and the codes that give them (architecture.md §4, docs/decisions/0027). The plan that a user has is part of the
 * ledger account; `layers/aws/tables/{redemption-codes,plan-definitions}.ts` implement the stores of this page.
 */

export const PLAN_TYPES = ['daily', 'weekly', 'monthly'] as const;
export type PlanType = (typeof PLAN_TYPES)[number];

/** What a plan allows in all, until it ends. Never both null. */
export interface PlanAllowance {
  /** Tokens; null = no limit of tokens. */
  tokens: number | null;
  /** Micro-dollars; null = no limit of money. */
  micros: number | null;
}

/** A plan in somebody's ledger account. It is written together with `entitlement + 1`. */
export interface PlanEntitlement extends PlanAllowance {
  /** Time first, as request ids; an extension keeps it, another plan takes another. At most 24 of [A-Za-z0-9_-]. */
  id: string;
  /** What the operator calls it. */
  name: string;
  /** Null: given with an end of its own, or written before plans had types. */
  type: PlanType | null;
  /** Milliseconds since the epoch; from then on the role's own window holds again. */
  expiresAt: number;
}

/** A plan with a name of its own, to make codes from. */
export interface PlanDefinition extends PlanAllowance {
  /** Unique, whatever its case. */
  name: string;
  type: PlanType;
  description: string;
  createdAt: number;
  updatedAt: number;
}

export interface PlanDefinitionStore {
  list(): Promise<PlanDefinition[]>;
  find(name: string): Promise<PlanDefinition | null>;
  /** `taken`: there is one of this name. */
  create(definition: PlanDefinition): Promise<'created' | 'taken'>;
  /** Replaces the one of this name, or makes it. */
  put(definition: PlanDefinition): Promise<void>;
  delete(name: string): Promise<boolean>;
}

export interface RedemptionCode extends PlanAllowance {
  /** Upper case; at most 64 of [A-Z0-9-]. */
  code: string;
  type: PlanType;
  /** The name that the plan will have. */
  planName: string;
  description: string;
  createdAt: number;
  /** Id and name of who made it. */
  createdBy: string;
  createdByName: string;
  /** Until when it may be redeemed, which is not how long its plan lasts; null = for ever. */
  expiresAt: number | null;
  /** Null: not used. */
  redemption: Redemption | null;
}

/** Who used a code, and what came of it. */
export interface Redemption {
  /** Milliseconds since the epoch. */
  at: number;
  userId: string;
  userName: string;
  /** Tells this redemption from every other, so that a lost answer can be made good by reading. */
  attempt: string;
  /** The plan as this redemption left it. */
  plan: PlanEntitlement;
  extended: boolean;
  /** A plan that was still in force and made way. */
  replaced: PlanEntitlement | null;
}

export const CODE_STATES = ['unused', 'used', 'expired'] as const;
/** `expired`: nobody used it in time. Each code is in one state. */
export type CodeState = (typeof CODE_STATES)[number];

export function stateOfCode({ redemption, expiresAt }: RedemptionCode, nowMs: number): CodeState {
  if (redemption !== null) return 'used';
  return expiresAt !== null && expiresAt <= nowMs ? 'expired' : 'unused';
}

export interface CodeQuestion {
  state: CodeState | null;
  type: PlanType | null;
  /** What the code begins with. Such lists are sorted by code, all others begin with the newest. */
  prefix: string | null;
  nowMs: number;
  limit: number;
  cursor: string | null;
}

export type CodeCounts = Record<CodeState | 'total', number>;

export interface RedemptionWrite {
  code: RedemptionCode;
  redemption: Redemption;
  /** Of the ledger account, as the plan was computed from; it becomes one more. */
  entitlement: number;
}

/** `code-gone` and `entitlement-moved` changed nothing. */
export type RedemptionOutcome =
  { outcome: 'redeemed' } | { outcome: 'code-gone'; code: RedemptionCode | null } | { outcome: 'entitlement-moved' };

export interface RedemptionCodeStore {
  /** All or none. At most MOST_CODES_AT_ONCE. @throws when the answer is not known: `find` tells */
  create(codes: readonly RedemptionCode[]): Promise<'created' | 'taken'>;
  find(code: string): Promise<RedemptionCode | null>;
  /**
   * Code and ledger account in one transaction.
   * @throws when the answer is not known; `find` tells
   */
  redeem(write: RedemptionWrite): Promise<RedemptionOutcome>;
  delete(code: string): Promise<boolean>;
  list(question: CodeQuestion): Promise<{ codes: RedemptionCode[]; nextCursor: string | null }>;
  /** Exact, from counters that every write keeps. */
  count(filter: { type: PlanType | null; nowMs: number }): Promise<CodeCounts>;
}

/** A transaction takes a hundred actions, some of which are counters. */
export const MOST_CODES_AT_ONCE = 50;

/** The user's part of the ledger account, where no code is used up for it. */
export interface PlanGrantStore {
  /**
   * Gives this plan, or none, in the place of what there was. Repeated freely.
   * @param given.entitlement as it was seen; it becomes one more
   * @throws when the answer is not known
   */
  replacePlan(
    accountId: string,
    given: { entitlement: number; plan: PlanEntitlement | null },
  ): Promise<'replaced' | 'entitlement-moved'>;
}
