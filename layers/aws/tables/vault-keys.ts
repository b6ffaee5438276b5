import { PARTITION_KEY, SORT_KEY } from '../names.ts';
import type { ItemKey } from '../table-client.ts';

/** Where upstreams and credentials stand in the vault table; tables/vault.ts asks the questions. */

export const UPSTREAMS = 'upstreams';
/** Attribute of a credential's item that rises with every write of it; rows of older versions have none. */
export const CREDENTIAL_REVISION = 'revision';

export const upstreamKey = (name: string): ItemKey => ({ [PARTITION_KEY]: UPSTREAMS, [SORT_KEY]: `upstream#${name}` });
export const credentialsOf = (upstream: string): string => `upstream#${upstream}`;
export const credentialKey = (upstream: string, credentialId: string): ItemKey => ({
  [PARTITION_KEY]: credentialsOf(upstream),
  [SORT_KEY]: `credential#${credentialId}`,
});
export const credentialNameKey = (upstream: string, name: string): ItemKey => ({
  [PARTITION_KEY]: credentialsOf(upstream),
  [SORT_KEY]: `credentialName#${name}`,
});
