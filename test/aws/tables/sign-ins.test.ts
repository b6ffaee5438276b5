import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSdkTableClient } from '../../../layers/aws/sdk-table-client.ts';
import type { TableClient } from '../../../layers/aws/table-client.ts';
import { createSignInStore } from '../../../layers/aws/tables/sign-ins.ts';
import type { SignIn, SignInStore } from '../../../layers/core/credentials/authorize/store.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';
import { createMemorySignIns } from '../../support/memory-sign-ins.ts';

const NOW = 1_700_000_000_000;
const aSignIn = (change: Partial<SignIn> = {}): SignIn => ({
  stateDigest: 'digest',
  userId: 'usr_a',
  upstream: 'up',
  redirectUri: 'http://localhost/oauth/callback',
  verifier: { keyVersion: 'v1', encapsulatedSecret: 'e', ciphertext: 'c' },
  plan: {
    credentialId: 'crd_a',
    isNew: true,
    name: null,
    sharing: 'shared',
    clientId: null,
    proxyUrl: null,
    proxyMember: null,
    proxyAuth: null,
    proxyAuthDigest: null,
    tag: null,
    limits: {},
  },
  expiresAt: NOW + 1000,
  takenBy: null,
  ...change,
});

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

describe.each([
  ['in memory', (): SignInStore => createMemorySignIns()],
  ['in the table', (): SignInStore => createSignInStore(client, tables.tables.vault)],
] as const)('sign-ins %s', (kind, create) => {
  const ask = (change: Partial<Parameters<SignInStore['take']>[0]> = {}) => ({
    stateDigest: 'digest',
    userId: 'usr_a',
    taker: 'one',
    now: NOW,
    ...change,
  });

  it('are taken once, by their user, in time', async () => {
    const store = create();
    await store.begin(aSignIn());
    expect(await store.take(ask({ userId: 'usr_b' }))).toBeNull();
    expect(await store.take(ask({ stateDigest: 'other' }))).toBeNull();
    expect(await store.take(ask({ now: NOW + 1000 }))).toBeNull();
    const all = await Promise.all(['one', 'two', 'three'].map((taker) => store.take(ask({ taker }))));
    const taken = all.filter((signIn) => signIn !== null);
    expect(taken).toEqual([aSignIn({ takenBy: expect.any(String) as unknown as string })]);
    // An answer that was lost is asked for again by the same taker.
    expect(await store.take(ask({ taker: taken[0]!.takenBy! }))).toEqual(taken[0]);
  });

  it('claim an account for one credential, and give it to another only in place of who was seen', async () => {
    const store = create();
    const upstream = `up-${kind.length}`;
    const claim = (credentialId: string, at: number) => ({ upstream, accountDigest: 'account', credentialId, at });
    expect(await store.claim(claim('a', 1), null)).toBeNull();
    expect(await store.claim(claim('a', 2), null)).toBeNull();
    expect(await store.claim(claim('b', 3), null)).toEqual(claim('a', 2));
    expect(await store.claim(claim('b', 3), claim('a', 1))).toEqual(claim('a', 2));
    expect(await store.claim(claim('b', 3), claim('a', 2))).toBeNull();
    await store.release(claim('a', 0));
    expect(await store.claim(claim('c', 4), null)).toEqual(claim('b', 3));
    await store.release(claim('b', 0));
    expect(await store.claim(claim('c', 4), null)).toBeNull();
  });
});
