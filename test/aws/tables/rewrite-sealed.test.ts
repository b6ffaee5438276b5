import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSdkTableClient } from '../../../layers/aws/sdk-table-client.ts';
import type { TableClient } from '../../../layers/aws/table-client.ts';
import { createSealedRewriter } from '../../../layers/aws/tables/rewrite-sealed.ts';
import { createTokenStore } from '../../../layers/aws/tables/tokens.ts';
import { createVaultStore } from '../../../layers/aws/tables/vault.ts';
import { createSeedKeys } from '../../../layers/aws/token-refresher.ts';
import { resealAll } from '../../../layers/core/credentials/refresh/reseal.ts';
import { saveWrite } from '../../../layers/core/credentials/refresh/rules.ts';
import {
  clientSecretAssociatedData,
  credentialAssociatedData,
  tokenAssociatedData,
} from '../../../layers/core/credentials/sealing-port.ts';
import { DEFAULT_REFRESH_POLICY } from '../../../layers/core/credentials/refresh/outcome.ts';
import type { Credential } from '../../../layers/core/credentials/store.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';

const V1 = { v1: 'first-seed-of-the-vault-0123456789abcdefghi' };
const BOTH = { ...V1, v2: 'second-seed-of-the-vault-0123456789abcdefgh' };
const UP = 'up';
const OAUTH = { upstream: UP, credentialId: 'crd_o' };

let tables: EmbeddedTables;
let client: TableClient;
beforeAll(async () => {
  tables = await startEmbeddedTables();
  client = createSdkTableClient({ aws: tables.aws });
});
afterAll(async () => {
  await client.close();
  await tables.close();
});

async function seal(text: string, associatedData: string) {
  return (await createSeedKeys(async () => V1).sealer()).seal(text, associatedData);
}

async function seed() {
  const vault = createVaultStore(client, tables.tables.vault);
  const tokens = createTokenStore(client, tables.tables.vault);
  const oauth = {
    tokenUrl: 'https://id.example',
    authorizeUrl: null,
    clientId: 'c',
    clientAuth: 'body' as const,
    scope: null,
    extra: {},
    clientSecret: await seal('client-secret', clientSecretAssociatedData(UP)),
    clientSecretDigest: 'd',
    policy: DEFAULT_REFRESH_POLICY,
  } as const;
  const at = { createdAt: 1, updatedAt: 1 };
  await vault.putUpstream({
    name: UP,
    format: 'openai-chat',
    vendor: 'openai',
    baseUrl: 'https://x.example',
    oauth,
    ...at,
  });
  const base: Omit<Credential, 'id' | 'name' | 'kind' | 'secret'> = {
    ...at,
    upstream: UP,
    tier: 'basic',
    priority: 0,
    weight: 1,
    enabled: true,
    proxyUrl: 'http://p.example',
    limits: {},
    secretDigest: 'd',
  };
  const key: Credential = { ...base, id: 'crd_k', name: 'k', kind: 'api_key', secret: null };
  await vault.putCredential({
    ...key,
    secret: await seal('sk', credentialAssociatedData(key)),
    proxyAuth: await seal('u:p', credentialAssociatedData(key, 'proxyAuth')),
  });
  const refreshToken = await seal('r1', tokenAssociatedData(OAUTH, 'refreshToken'));
  await vault.putCredential(
    { ...base, id: OAUTH.credentialId, name: 'o', kind: 'oauth', secret: null },
    { kind: 'give', refreshToken, now: 1 },
  );
  const row = (await tokens.find(OAUTH))!;
  const grant = {
    accessToken: await seal('a2', tokenAssociatedData(OAUTH, 'accessToken')),
    accessDigest: 'x',
    accessExpiresAt: null,
    refreshToken: await seal('r2', tokenAssociatedData(OAUTH, 'refreshToken')),
  };
  await tokens.write(row, saveWrite(row, grant, { attempt: 't', now: 2, text: '' }));
  return { vault, tokens };
}

describe('sealing anew', () => {
  it('moves every sealed value to the newest key and changes nothing else; the older seed can go then', async () => {
    const { vault, tokens } = await seed();
    const keys = createSeedKeys(async () => BOTH);
    const before = await tokens.find(OAUTH);
    const deps = {
      vault,
      tokens,
      rewrite: createSealedRewriter(client, tables.tables.vault),
      opener: keys.opener,
      sealer: await keys.sealer(),
      newestVersion: await keys.newestVersion(),
      logger: { error: () => undefined },
      mayGoOn: () => true,
    };
    // What is written between reading and rewriting stays.
    let raced = false;
    const racing = {
      ...deps,
      rewrite: async (...[place, change]: Parameters<typeof deps.rewrite>) => {
        if (place.field === 'accessToken' && !raced) {
          raced = true;
          const row = (await tokens.find(OAUTH))!;
          const newer = await deps.sealer.seal('a3', tokenAssociatedData(OAUTH, 'accessToken'));
          await tokens.write(row, { when: {}, set: { accessToken: newer } });
        }
        return deps.rewrite(place, change);
      },
    };
    expect(await resealAll(racing)).toEqual({ read: 6, resealed: 5, changed: 1, unopened: 0, unfinished: false });
    expect(await resealAll(deps)).toEqual({ read: 6, resealed: 0, changed: 0, unopened: 0, unfinished: false });

    const { opener } = createSeedKeys(async () => ({ v2: BOTH.v2 }));
    const upstream = await vault.findUpstream(UP);
    expect(await opener.open(upstream!.oauth!.clientSecret!, clientSecretAssociatedData(UP))).toBe('client-secret');
    const key = (await vault.findCredential(UP, 'crd_k'))!;
    expect(await opener.open(key.secret!, credentialAssociatedData(key))).toBe('sk');
    expect(await opener.open(key.proxyAuth!, credentialAssociatedData(key, 'proxyAuth'))).toBe('u:p');
    const row = (await tokens.find(OAUTH))!;
    const open = (field: 'refreshToken' | 'lastRefreshToken' | 'accessToken') =>
      opener.open(row[field]!, tokenAssociatedData(OAUTH, field === 'accessToken' ? field : 'refreshToken'));
    expect(await Promise.all([open('refreshToken'), open('lastRefreshToken'), open('accessToken')])).toEqual([
      'r2',
      'r1',
      'a3',
    ]);
    const { refreshToken, lastRefreshToken, accessToken, ...rest } = row;
    expect(before).toMatchObject(rest);
    expect([refreshToken, lastRefreshToken, accessToken].map((sealed) => sealed?.keyVersion)).toEqual([
      'v2',
      'v2',
      'v2',
    ]);
  });
});
