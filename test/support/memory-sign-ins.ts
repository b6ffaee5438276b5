import type { AccountClaim, SignIn, SignInStore } from '../../layers/core/credentials/authorize/store.ts';

export interface MemorySignIns extends SignInStore {
  rows: Map<string, SignIn>;
  claims: Map<string, AccountClaim>;
}

/** Sign-ins in memory, with the outcomes of the table. */
export function createMemorySignIns(): MemorySignIns {
  const rows = new Map<string, SignIn>();
  const claims = new Map<string, AccountClaim>();
  const nameOf = ({ upstream, accountDigest }: AccountClaim): string => `${upstream}\n${accountDigest}`;
  return {
    rows,
    claims,
    begin: async (signIn) => void rows.set(signIn.stateDigest, structuredClone(signIn)),
    async take({ stateDigest, userId, taker, now }) {
      const row = rows.get(stateDigest);
      if (row?.userId !== userId || row.expiresAt <= now) return null;
      if (row.takenBy !== null && row.takenBy !== taker) return null;
      row.takenBy = taker;
      return structuredClone(row);
    },
    async claim(claim, instead) {
      const holder = claims.get(nameOf(claim));
      const isInstead = holder?.credentialId === instead?.credentialId && holder?.at === instead?.at;
      if (holder && holder.credentialId !== claim.credentialId && !isInstead) return structuredClone(holder);
      claims.set(nameOf(claim), structuredClone(claim));
      return null;
    },
    async release(claim) {
      if (claims.get(nameOf(claim))?.credentialId === claim.credentialId) claims.delete(nameOf(claim));
    },
  };
}
