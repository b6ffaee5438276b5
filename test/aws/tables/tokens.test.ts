import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createSdkTableClient } from '../../../layers/aws/sdk-table-client.ts';
import type { TableClient } from '../../../layers/aws/table-client.ts';
import { createSweepStore, createTokenStore } from '../../../layers/aws/tables/tokens.ts';
import { createVaultStore } from '../../../layers/aws/tables/vault.ts';
import { PARTITION_KEY, SORT_KEY } from '../../../layers/aws/names.ts';
import {
  adoptWrite,
  ambiguousWrite,
  beginWrite,
  clearWrite,
  givenRow,
  invalidWrite,
  replaceWrite,
  saveWrite,
  takeOverWrite,
} from '../../../layers/core/credentials/refresh/rules.ts';
import type { DueCursor, DuePage, TokenRow, TokenWrite } from '../../../layers/core/credentials/refresh/tokens.ts';
import type { Credential, SealedValue } from '../../../layers/core/credentials/store.ts';
import { applyTokenWrite } from '../../support/apply-token-write.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';

const sealed = (ciphertext: string): SealedValue => ({ keyVersion: 'v1', encapsulatedSecret: 'e', ciphertext });
const NOW = 1_700_000_000_000;

let tables: EmbeddedTables;
let client: TableClient;
let number = 0;

beforeAll(async () => {
  tables = await startEmbeddedTables();
  client = createSdkTableClient({ aws: tables.aws });
});
afterAll(async () => {
  await client.close();
  await tables.close();
});

const stores = () => ({
  tokens: createTokenStore(client, tables.tables.vault),
  vault: createVaultStore(client, tables.tables.vault),
  sweeps: createSweepStore(client, tables.tables.vault),
});

function aCredential(upstream: string, change: Partial<Credential> = {}): Credential {
  number += 1;
  return {
    id: `crd_${number}`,
    upstream,
    name: `name-${number}`,
    kind: 'oauth',
    tier: 'basic',
    priority: 0,
    weight: 1,
    enabled: true,
    proxyUrl: null,
    limits: {},
    secret: null,
    secretDigest: 'd',
    createdAt: NOW,
    updatedAt: NOW,
    ...change,
  };
}

async function give(credential: Credential, token = 'r1'): Promise<TokenRow> {
  const { vault, tokens } = stores();
  await vault.putCredential(credential, { kind: 'give', refreshToken: sealed(token), now: NOW });
  return (await tokens.find({ upstream: credential.upstream, credentialId: credential.id }))!;
}

const attempt = (id: string, now: number) => ({ id, owner: 'p', now, leaseMs: 30_000, isForRejected: false });
const grant = (name: string, expiresAt: number | null = NOW + 1_000_000) => ({
  accessToken: sealed(`a-${name}`),
  accessDigest: `d-${name}`,
  accessExpiresAt: expiresAt,
  refreshToken: sealed(name),
});

describe('the tokens of a credential', () => {
  it('come, are replaced and go with their credential', async () => {
    const { vault, tokens } = stores();
    const credential = aCredential('up-life');
    const key = { upstream: credential.upstream, credentialId: credential.id };
    const row = await give(credential);
    expect(row).toMatchObject({ ...key, rotation: 1, refreshToken: sealed('r1'), dueAt: 0 });
    await vault.putCredential({ ...credential, weight: 2 });
    expect(await tokens.find(key)).toEqual(row);
    await give(credential, 'r2');
    expect(await tokens.find(key)).toMatchObject({
      rotation: 2,
      refreshToken: sealed('r2'),
      lastRefreshToken: sealed('r1'),
    });
    expect(await tokens.list('up-life')).toHaveLength(1);
    await vault.deleteCredential(key.upstream, key.credentialId);
    expect(await tokens.find(key)).toBeNull();
  });

  it('are not written back by an operator who saves a credential while they are rotated', async () => {
    const { vault, tokens } = stores();
    const credential = aCredential('up-race');
    const row = await give(credential);
    await Promise.all([
      tokens.write(row, saveWrite(row, grant('r2'), { attempt: 't', now: NOW, text: '' })),
      ...Array.from({ length: 5 }, (_, index) => vault.putCredential({ ...credential, weight: index + 1 })),
    ]);
    expect(await tokens.find(row)).toMatchObject({ rotation: 2, refreshToken: sealed('r2') });
  });

  it('let exactly one of many begin', async () => {
    const { tokens } = stores();
    const row = await give(aCredential('up-begin'));
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, index) => tokens.write(row, beginWrite(row, attempt(`t${index}`, NOW), false))),
    );
    expect(outcomes.filter(({ written }) => written)).toHaveLength(1);
    const refused = outcomes.find(({ written }) => !written);
    expect(refused).toMatchObject({ row: { rotation: 1, intent: expect.stringMatching(/^t\d+$/) } });
  });

  it('are changed by every write just as the rules say, whatever stands there', async () => {
    const { tokens } = stores();
    const kinds = ['begin', 'takeOver', 'save', 'saveWithout', 'clear', 'invalid', 'ambiguous', 'replace'] as const;
    const writeOf = (kind: (typeof kinds)[number], row: TokenRow, id: string, now: number): TokenWrite => {
      const without = { ...grant('x'), refreshToken: null };
      switch (kind) {
        case 'begin':
          return beginWrite(row, attempt(id, now), false);
        case 'takeOver':
          return takeOverWrite(row, { ...attempt(id, now), isForRejected: true });
        case 'save':
          return saveWrite(row, grant(`r${now}`), { attempt: id, now, text: 'saved' });
        case 'saveWithout':
          return saveWrite(row, without, { attempt: id, now, text: 'saved' });
        case 'clear':
          return clearWrite({
            attempt: id,
            now,
            outcome: 'failed',
            text: 't',
            backOff: { until: now + 1, failures: 1 },
          });
        case 'invalid':
          return invalidWrite(row, { attempt: id, now, reason: 'no' });
        case 'ambiguous':
          return ambiguousWrite({ attempt: id, now, reason: 'lost' });
        case 'replace':
          return replaceWrite(row, sealed(`o${now}`), now);
      }
    };
    const step = fc.record({ kind: fc.constantFrom(...kinds), id: fc.constantFrom('t1', 't2'), old: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const first = await give(aCredential('up-laws'));
        let row = first;
        let now = NOW;
        for (const { kind, id, old } of steps) {
          now += 1;
          const write = writeOf(kind, old ? first : row, id, now);
          const expected = applyTokenWrite(row, write);
          const outcome = await tokens.write(first, write);
          expect(outcome).toEqual(expected === null ? { written: false, row } : { written: true });
          row = expected ?? row;
          expect(await tokens.find(first)).toEqual(row);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('what is due', () => {
  it('is found without reading anything else, and only of enabled credentials', async () => {
    const { tokens, vault } = stores();
    const credentials = Array.from({ length: 30 }, () => aCredential('up-due'));
    for (const credential of credentials) {
      const row = await give(credential);
      await tokens.write(row, saveWrite(row, grant('r2'), { attempt: 't', now: NOW, text: '' }));
    }
    const [due, off] = [await give(aCredential('up-due')), await give(aCredential('up-due', { enabled: false }))];
    await give(aCredential('up-other'));
    const list = async (by: 'due' | 'stale', until = NOW) =>
      (await tokens.listDue({ upstream: 'up-due', by, until, limit: 100, after: null })).keys;
    tables.calls.length = 0;
    expect(await list('due')).toEqual([{ upstream: 'up-due', credentialId: due.credentialId }]);
    expect(tables.calls.map(({ operation }) => operation)).toEqual(['Query']);
    expect(await list('stale')).toHaveLength(1);
    expect(await list('stale', NOW + 1)).toHaveLength(31);
    // 70 to 80 % of 1 000 s.
    expect(await list('due', NOW + 699_000)).toHaveLength(1);
    expect(await list('due', NOW + 800_000)).toHaveLength(31);
    const credential = await vault.findCredential('up-due', off.credentialId);
    await vault.putCredential({ ...credential!, enabled: true });
    expect(await list('due')).toHaveLength(2);
    await vault.putCredential({ ...credential!, enabled: true, disabledByOwner: true });
    expect(await list('due')).toHaveLength(1);
  });

  it('is read page by page, whatever leaves the list meanwhile', async () => {
    const { tokens } = stores();
    const rows: TokenRow[] = [];
    for (let index = 0; index < 23; index += 1) rows.push(await give(aCredential('up-paged')));
    const seen: string[] = [];
    tables.calls.length = 0;
    let after: DueCursor | null = null;
    let pages = 0;
    do {
      const page: DuePage = await tokens.listDue({ upstream: 'up-paged', by: 'due', until: NOW, limit: 5, after });
      pages += 1;
      // Refreshed, they leave the list, the one at which the page ends among them.
      for (const { credentialId } of page.keys) {
        const row = rows.find((one) => one.credentialId === credentialId)!;
        seen.push(credentialId);
        await tokens.write(row, saveWrite(row, grant('r2'), { attempt: 't', now: NOW, text: '' }));
      }
      after = page.after;
    } while (after !== null);
    expect(seen.toSorted()).toEqual(rows.map(({ credentialId }) => credentialId).toSorted());
    expect(tables.calls.filter(({ operation }) => operation === 'Query')).toHaveLength(pages);
    expect(pages).toBe(5);
  });

  it('is nothing of a row that nobody can help but an operator', async () => {
    const { tokens } = stores();
    const row = await give(aCredential('up-stuck'));
    const list = async (until = NOW * 2) => {
      const asked = { upstream: 'up-stuck', until, limit: 10, after: null };
      const pages = [await tokens.listDue({ ...asked, by: 'due' }), await tokens.listDue({ ...asked, by: 'stale' })];
      return [...new Set(pages.flatMap(({ keys }) => keys.map(({ credentialId }) => credentialId)))];
    };
    await tokens.write(row, beginWrite(row, attempt('t', NOW), false));
    expect(await list(NOW)).toEqual([]);
    expect(await list()).toHaveLength(1);
    await tokens.write(row, ambiguousWrite({ attempt: 't', now: NOW, reason: '' }));
    expect(await list()).toEqual([]);
    await tokens.write(row, replaceWrite(row, sealed('o'), NOW));
    expect(await list()).toHaveLength(1);
  });
});

describe('sweeps', () => {
  it('take turns at an endpoint, and one that died makes room when its time is over', async () => {
    const { sweeps } = stores();
    const take = (owner: string, now: number) =>
      sweeps.takeLease('https://id.example', { owner, until: now + 10, now });
    expect(await take('a', 0)).toBe(true);
    expect(await take('a', 5)).toBe(true);
    expect(await take('b', 5)).toBe(false);
    expect(await take('b', 15)).toBe(true);
    await sweeps.releaseLease('https://id.example', 'a');
    expect(await take('c', 16)).toBe(false);
    await sweeps.releaseLease('https://id.example', 'b');
    expect(await take('c', 17)).toBe(true);
  });
});

describe('tokens that could not go where they belong', () => {
  it('lie aside, in a partition that a refresher may write', async () => {
    const { tokens } = stores();
    const key = { upstream: 'up-aside', credentialId: 'crd_x' };
    await tokens.putAside({ ...key, attempt: 't9', rotation: 4, at: NOW, why: 'superseded', grant: grant('r5') });
    const item = await client.get({
      table: tables.tables.vault,
      key: { [PARTITION_KEY]: 'tokensAside#up-aside', [SORT_KEY]: 'crd_x#t9' },
    });
    expect(item).toMatchObject({ why: 'superseded', rotation: 4, grant: { refreshToken: sealed('r5') } });
  });

  it('are listed of one credential, oldest first, and taken away by their attempt', async () => {
    const { tokens } = stores();
    const key = { upstream: 'up-aside-list', credentialId: 'crd_a' };
    const aside = (name: string, at: number, change: object = {}) => ({
      ...key,
      attempt: name,
      rotation: 1,
      at,
      why: 'unsaved' as const,
      grant: grant(name),
      ...change,
    });
    const [older, newer, others] = [aside('b', NOW), aside('a', NOW + 1), aside('c', NOW, { credentialId: 'crd_ab' })];
    for (const one of [newer, older, others]) await tokens.putAside(one);
    expect(await tokens.listAside(key)).toEqual([older, newer]);
    await tokens.removeAside(older);
    await tokens.removeAside(older);
    expect(await tokens.listAside(key)).toEqual([newer]);
    expect(await tokens.listAside({ ...key, credentialId: 'crd_ab' })).toEqual([others]);
  });

  it('take the place of what stands there, and what came of a sign-in stands there from the first', async () => {
    const { tokens, vault } = stores();
    const credential = aCredential('up-adopted');
    const access = { accessToken: sealed('a1'), accessDigest: 'd1', accessExpiresAt: NOW + 1_000_000 };
    const given = { kind: 'give' as const, refreshToken: sealed('r1'), access, now: NOW };
    await vault.putCredential(credential, given);
    const key = { upstream: 'up-adopted', credentialId: credential.id };
    const row = (await tokens.find(key))!;
    expect(row).toEqual(givenRow(key, given));
    expect(row.dueAt).toBeGreaterThan(NOW + 690_000);
    const aside = { ...key, attempt: 't9', rotation: 1, at: NOW + 5, why: 'unsaved' as const, grant: grant('r5') };
    expect(await tokens.write(key, adoptWrite(row, aside, NOW + 9))).toEqual({ written: true });
    expect(await tokens.find(key)).toMatchObject({
      rotation: 2,
      refreshToken: sealed('r5'),
      lastRefreshToken: sealed('r1'),
    });
    expect(await tokens.write(key, adoptWrite(row, aside, NOW + 9))).toMatchObject({ written: false });
  });
});
