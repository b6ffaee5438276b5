import { groupOf, mayUseShared } from './pool-rules.ts';
import type { OwnedCredential, PoolAccount } from './store.ts';

/** How a caller would use a credential. Operators' own belong to everybody, and are asked in the shared ones' turn. */
export type Use = 'exclusive' | 'shared' | 'operators';

export interface CallerFacts {
  userId: string;
  /** Null: never had anything to do with the pool. */
  account: Pick<PoolAccount, 'quotas' | 'preferShared'> | null;
  /** Public name of the model that is asked for. */
  model: string;
  groups: readonly (readonly string[])[];
}

/**
 * Who may use which credential, and in which turn (contracts.md §5.4, §8.26): one's own exclusive ones, and everybody's
 * shared ones for whoever has something left in the pool of the model's group, owners of shared ones not excepted.
 */
export function createUseRule({ userId, account, model, groups }: CallerFacts): {
  /** Null: not for this caller. */
  useOf(owned: OwnedCredential | null): Use | null;
  /** 0 is asked before 1. */
  turnOf(use: Use): 0 | 1;
  /** Something shared was withheld for want of quota. */
  readonly isOut: boolean;
} {
  const hasQuota = account !== null && mayUseShared(account.quotas, groupOf(groups, model));
  const preferShared = account?.preferShared ?? false;
  let isOut = false;
  return {
    useOf(owned) {
      if (owned === null) return 'operators';
      if (owned.removing || !owned.enabled || owned.modelsOff.includes(model)) return null;
      if (owned.sharing === 'exclusive') return owned.ownerId === userId ? 'exclusive' : null;
      if (hasQuota) return 'shared';
      isOut = true;
      return null;
    },
    turnOf: (use) => ((use === 'exclusive') === preferShared ? 1 : 0),
    get isOut() {
      return isOut;
    },
  };
}

/** Credentials of users carry a name of this form from their making: one without an owner's mark is nobody's. */
export function ownedName(credentialId: string): string {
  return `own-${credentialId}`;
}
