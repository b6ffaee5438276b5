import type { RewriteSealed, SealedPlace } from '@sluice/core/credentials/refresh/reseal';
import type { TableClient } from '../table-client.ts';
import { credentialKey, upstreamKey } from './vault-keys.ts';
import { tokenKey } from './tokens.ts';

/*
 * Sealed values, written anew in their rows of the vault table under the condition that the very ciphertext that was
 * opened still stands there. Nothing else of a row is touched.
 *
 * question  index  key condition                    consistency  who asks
 * rewrite   table  that of the upstream, credential  –            reseal-credentials
 *                  or tokens
 */

export function createSealedRewriter(client: TableClient, tableName: string): RewriteSealed {
  return async (place, { before, after }) => {
    const path = place.row === 'upstream' ? '#row.#field' : '#field';
    const outcome = await client.update({
      table: tableName,
      key: keyOf(place),
      update: `SET ${path} = :after`,
      condition: `${path}.#ciphertext = :before`,
      names: {
        '#field': place.field,
        '#ciphertext': 'ciphertext',
        ...(place.row === 'upstream' && { '#row': 'oauth' }),
      },
      values: { ':before': before.ciphertext, ':after': { ...after } },
      repeatable: true,
    });
    return outcome.ok || outcome.resent ? 'rewritten' : 'changed-meanwhile';
  };
}

function keyOf(place: SealedPlace) {
  switch (place.row) {
    case 'upstream':
      return upstreamKey(place.upstream);
    case 'credential':
      return credentialKey(place.upstream, place.credentialId);
    case 'tokens':
      return tokenKey(place);
  }
}
