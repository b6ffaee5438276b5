import type { LedgerAccountStore } from '../../layers/core/metering/account-store.ts';
import type { SweepStore, UsageStore } from '../../layers/core/metering/store.ts';

/** The stores of one process over its own faulty way to the tables. */
export interface ProcessStores {
  usage: UsageStore;
  accounts: LedgerAccountStore;
  sweep: SweepStore;
}
