import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSdkTableClient } from '../../../layers/aws/sdk-table-client.ts';
import type { TableClient } from '../../../layers/aws/table-client.ts';
import { createCredentialRecords } from '../../../layers/aws/tables/credential-records.ts';
import { createServingList } from '../../../layers/aws/tables/serving.ts';
import { createVaultStore } from '../../../layers/aws/tables/vault.ts';
import { refreshTokenDigest } from '../../../layers/core/credentials/duplicates.ts';
import type { CredentialRecords } from '../../../layers/core/credentials/records/store.ts';
import type { Credential } from '../../../layers/core/credentials/store.ts';
import { mapLimited } from '../../../layers/kit/async/map-limited.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';

/** `RECORDS=10000` for as many as an installation may have; what is read is the same for any number. */
const MANY = Number(process.env['RECORDS'] ?? 60);
const PAGE = 10;
const LOAD_LIMIT_MS = 60_000 + MANY * 100;

let embedded: EmbeddedTables;
let client: TableClient;
let records: CredentialRecords;
beforeAll(async () => {
  embedded = await startEmbeddedTables();
  client = createSdkTableClient({ aws: embedded.aws });
  records = createCredentialRecords(client, embedded.tables.vault);
  const vault = createVaultStore(client, embedded.tables.vault);
  const rows = Array.from({ length: MANY }, (_, index) => aRecord(index));
  await mapLimited(rows, 4, (row) => vault.putCredential(row));
}, LOAD_LIMIT_MS);
afterAll(async () => {
  await client.close();
  await embedded.close();
});

function aRecord(index: number): Credential {
  const id = `crd_${String(index).padStart(8, 'a')}`;
  return {
    id,
    upstream: index % 2 === 0 ? 'even' : 'odd',
    name: `record ${index}`,
    kind: 'oauth',
    tier: 'basic',
    priority: 0,
    weight: 1,
    enabled: index % 4 === 0,
    proxyUrl: null,
    limits: {},
    secret: null,
    secretDigest: `digest ${index}`,
    tokenDigest: refreshTokenDigest(`token ${index}`),
    bizId: `biz-${index}`,
    email: `user.${index}@example.com`,
    tag: index % 3 === 0 ? 'third' : 'other',
    createdAt: Date.parse('2026-03-01') + index * 1_000,
    updatedAt: 0,
  };
}

/** Read units and calls of what is asked. */
async function reads<Answer>(ask: () => Promise<Answer>): Promise<{ answer: Answer; units: number; calls: number }> {
  embedded.calls.length = 0;
  const answer = await ask();
  const units = embedded.calls.reduce((sum, call) => sum + call.readUnits, 0);
  return { answer, units, calls: embedded.calls.length };
}

/** A unit for each credential of the page, and a few for the entries that lead to it. */
const PAGE_UNITS = PAGE + 5;

describe('of very many credentials', () => {
  const first = { limit: PAGE, cursor: null };

  it.each([
    ['all', {}],
    ['one upstream', { upstream: 'even' }],
    ['a kind', { kind: 'oauth' }],
    ['those that are enabled', { enabled: true }],
    ['a tag', { tags: ['third'] }],
    ['a day', { createdFrom: Date.parse('2026-03-01'), createdTo: Date.parse('2026-03-02') }],
  ] as const)('a page of %s reads that page', async (_what, facets) => {
    const { answer, units, calls } = await reads(() => records.list(facets, first));
    expect(answer.credentials).toHaveLength(PAGE);
    expect(answer.nextCursor).not.toBeNull();
    expect(units).toBeLessThanOrEqual(PAGE_UNITS);
    expect(calls).toBeLessThanOrEqual(5);
    const next = await reads(() => records.list(facets, { ...first, cursor: answer.nextCursor }));
    expect(next.units).toBeLessThanOrEqual(PAGE_UNITS);
  });

  it.each(['record', 'ser.1', '@example.com', 'biz-'])('a search for %s reads its page', async (text) => {
    const { answer, units, calls } = await reads(() => records.search(text, first));
    expect(answer.credentials.length).toBeGreaterThan(PAGE / 4);
    expect(units).toBeLessThanOrEqual(PAGE_UNITS);
    expect(calls).toBe(2);
  });

  it('a search that one answers reads that one', async () => {
    const { answer, units } = await reads(() => records.search(`er.${MANY - 1}@`, first));
    expect(answer.credentials.map(({ name }) => name)).toEqual([`record ${MANY - 1}`]);
    expect(units).toBeLessThanOrEqual(2);
  });

  it('what a relay may offer reads a part of them', async () => {
    const serving = createServingList(client, embedded.tables.vault);
    const { answer, units } = await reads(() => serving.head('even', PAGE));
    expect(answer).toMatchObject({ isWhole: false });
    expect(answer.entries).toHaveLength(PAGE);
    expect(units).toBeLessThanOrEqual(2);
    const part = await reads(() => serving.around('even', 'o00000', { position: 2 ** 31, limit: PAGE }));
    expect(part.answer).toHaveLength(PAGE);
    expect(part.units).toBeLessThanOrEqual(3);
  });
});
