import type { Page, PageRequest } from '../identity/store.ts';
import type { PlanEntitlement } from '../plans/store.ts';

/**
 * Ledger accounts (architecture.md §4, docs/decisions/0014): what is used up and what is held, one item per user, and
 * one per credential that carries limits of its own. `layers/aws/tables/ledger-account.ts` implements the store.
 */

/** `{}` and zeros where the stored item lacks something; `whole` tells whether it does. */
export interface LedgerAccount {
  /** The user's id, or `credential:<credential id>`. */
  id: string;
  /** Seconds since the epoch: the phase of the account's minutes and role windows. */
  createdAt: number;
  /** Rises by one with every change of the plan. */
  entitlement: number;
  plan: PlanEntitlement | null;
  /** By counter name, `<measure>#<scope>#<window>` (metering/windows.ts). */
  counters: Readonly<Record<string, number>>;
  /** By request id; what was added for it (metering/holds.ts). */
  holds: Readonly<Record<string, string>>;
  /** False when the item has no map of holds, no entitlement or no creation second, so that nothing can be admitted. */
  whole: boolean;
}

/** One conditional write: all of it, or nothing. */
export interface AdmissionWrite {
  accountId: string;
  requestId: string;
  hold: string;
  /** The entitlement that the amounts were computed from. */
  entitlement: number;
  /** Each counter is absent or at most `room` before `amount` is added. */
  counters: readonly CounterAddition[];
  /** Fewer holds than this are open. */
  mostHolds: number;
}

export interface CounterAddition {
  name: string;
  amount: number;
  room: number;
}

/**
 * The account as it stands after (`admitted`) or stood before (`refused`; null: there is none). Refused says that
 * nothing changed; the account tells why.
 */
export type AdmissionOutcome =
  { outcome: 'admitted'; account: LedgerAccount } | { outcome: 'refused'; account: LedgerAccount | null };

/** Takes the hold away and adds the differences, under the condition that the hold is there. */
export interface SettlementWrite {
  accountId: string;
  requestId: string;
  additions: readonly { name: string; amount: number }[];
  /** Counter names to forget; none of them is in `additions`. */
  removals: readonly string[];
}

export interface LedgerAccountStore {
  /**
   * Sent once, and again only when the service says that it did nothing.
   * @throws when the answer is not known: the write may have been applied, or may be yet
   */
  admit(write: AdmissionWrite): Promise<AdmissionOutcome>;
  /** Repeated freely; `not-held`: somebody settled it before, perhaps we ourselves. */
  settle(write: SettlementWrite): Promise<'settled' | 'not-held'>;
  read(accountId: string, options: { consistent: boolean }): Promise<LedgerAccount | null>;
  /**
   * Creates the account, or completes one that lacks something; changes nothing that is there. Repeated freely.
   * @param createdAt seconds since the epoch
   */
  ensure(accountId: string, createdAt: number): Promise<LedgerAccount>;
  /** Ids of all accounts, for the daily pass. */
  list(page: PageRequest): Promise<Page<string>>;
}

/** Several admissions to one account in one conditional write: all of them, or nothing. */
export interface JointAdmission extends Omit<AdmissionWrite, 'requestId' | 'hold'> {
  holds: readonly { requestId: string; hold: string }[];
}

/** Several settlements of one account in one write, under the condition that every one of the holds is there. */
export interface JointSettlement extends Omit<SettlementWrite, 'requestId'> {
  requestIds: readonly string[];
}

/** What a process that serves many requests at once may send for several of them. Implemented by the same table file. */
export interface JointAccountWrites {
  /** As `admit`: sent once. `refused`: nothing changed; which of them would fit is for single writes to find out. */
  admitTogether(write: JointAdmission): Promise<AdmissionOutcome>;
  /** `not-all-held`: of this write nothing was applied, though an earlier sending of it may have been. */
  settleTogether(write: JointSettlement): Promise<'settled' | 'not-all-held'>;
}

/** Where the pass over all accounts stands. Implemented by the same table file. */
export interface AccountPassStore {
  /** Null: no pass yet. `cursor` null: the last one came to its end. */
  readPass(): Promise<AccountPass | null>;
  savePass(pass: AccountPass): Promise<void>;
}

export interface AccountPass {
  /** Milliseconds since the epoch. */
  startedAt: number;
  cursor: string | null;
}
