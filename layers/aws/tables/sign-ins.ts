import type { AccountClaim, SignInStore } from '@sluice/core/credentials/authorize/store';
import { PARTITION_KEY, SORT_KEY, TIME_TO_LIVE } from '../names.ts';
import type { ItemKey, TableClient } from '../table-client.ts';
import { ACCOUNT_CLAIM_ITEM, SIGN_IN_ITEM } from './sign-in-items.ts';

/*
 * Sign-ins at authorization servers that were begun, and which credential an account there belongs to; in the vault
 * table.
 *
 * question        index  key condition                                              consistency  who asks
 * begin, take     table  pk = signIn#<digest of the state>, sk = signIn             –            admin
 * claim, release  table  pk = signInAccount#<upstream>, sk = <digest of the account>  –          admin
 */

const signInKey = (stateDigest: string): ItemKey => ({
  [PARTITION_KEY]: `signIn#${stateDigest}`,
  [SORT_KEY]: 'signIn',
});
const claimKey = ({ upstream, accountDigest }: AccountClaim): ItemKey => ({
  [PARTITION_KEY]: `signInAccount#${upstream}`,
  [SORT_KEY]: accountDigest,
});

export function createSignInStore(client: TableClient, table: string): SignInStore {
  return {
    async begin(signIn) {
      const ttl = { [TIME_TO_LIVE]: Math.ceil(signIn.expiresAt / 1000) };
      const item = { ...signInKey(signIn.stateDigest), ...SIGN_IN_ITEM.write(signIn), ...ttl };
      await client.put({ table, item, repeatable: true });
    },
    async take({ stateDigest, userId, taker, now }) {
      const outcome = await client.update({
        table,
        key: signInKey(stateDigest),
        update: 'SET #taker = :taker',
        condition: '#user = :user AND #expires > :now AND (#taker = :nobody OR #taker = :taker)',
        names: { '#taker': 'takenBy', '#user': 'userId', '#expires': 'expiresAt' },
        values: { ':taker': taker, ':user': userId, ':now': now, ':nobody': null },
        returns: 'new',
        repeatable: true,
      });
      return outcome.ok && outcome.item ? SIGN_IN_ITEM.read(outcome.item) : null;
    },
    async claim(claim, instead) {
      const outcome = await client.put({
        table,
        item: { ...claimKey(claim), ...ACCOUNT_CLAIM_ITEM.write(claim) },
        condition: `attribute_not_exists(${PARTITION_KEY}) OR #id = :id OR (#id = :instead AND #at = :at)`,
        names: { '#id': 'credentialId', '#at': 'at' },
        values: { ':id': claim.credentialId, ':instead': instead?.credentialId ?? '', ':at': instead?.at ?? 0 },
        repeatable: true,
      });
      if (outcome.ok) return null;
      return outcome.existing ? ACCOUNT_CLAIM_ITEM.read(outcome.existing) : claim;
    },
    async release(claim) {
      await client.delete({
        table,
        key: claimKey(claim),
        condition: '#id = :id',
        names: { '#id': 'credentialId' },
        values: { ':id': claim.credentialId },
        repeatable: true,
      });
    },
  };
}
