import type { ConfigurationDocumentText } from '../../layers/contract/configuration-document.ts';
import type { AdminClient } from './gateway.ts';

export type KeyLimits = NonNullable<NonNullable<ConfigurationDocumentText['keys']>[number]['limits']>;

export interface LimitedKey {
  id: string;
  secret: string;
}

let made = 0;

/** A key of the logged-in user's own with these limits. */
export async function createLimitedKey(admin: AdminClient, limits: KeyLimits): Promise<LimitedKey> {
  made += 1;
  const { status, body } = await admin.call('POST', '/api/keys', { name: `limited-${made}`, limits });
  if (status !== 201) throw new Error(`key: ${status} ${JSON.stringify(body)}`);
  const { id, key } = body['data'] as { id: string; key: string };
  return { id, secret: key };
}
