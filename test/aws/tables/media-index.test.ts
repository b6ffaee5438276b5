import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSignedTableClient } from '../../../layers/aws/signed-table-client.ts';
import type { QueryRequest, TableClient } from '../../../layers/aws/table-client.ts';
import { createMediaIndex } from '../../../layers/aws/tables/media-index.ts';
import type { IndexedMedium, MediaIndex } from '../../../layers/core/media/media-index.ts';
import { nameGenerated, nameUploaded } from '../../../layers/core/media/media-names.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const MIDNIGHT = NOW / 1_000 + 4 * 3_600;

describe('the index of media', () => {
  let embedded: EmbeddedTables;
  let index: MediaIndex;
  let queries: QueryRequest[];
  let read: number;

  beforeAll(async () => {
    embedded = await startEmbeddedTables();
    const client = createSignedTableClient({ aws: embedded.aws });
    const counting: TableClient = {
      ...client,
      async query(request) {
        queries.push(request);
        const page = await client.query(request);
        read += page.items.length;
        return page;
      },
    };
    index = createMediaIndex(counting, embedded.tables.content);
  });
  afterAll(() => embedded.close());

  const startCounting = (): void => {
    queries = [];
    read = 0;
  };

  function aMedium(kind: IndexedMedium['kind'], at: number, change: Partial<IndexedMedium> = {}): IndexedMedium {
    const key = nameGenerated({ expiresAt: MIDNIGHT, createdAt: NOW + at }, 'png');
    return { key, kind, owner: 'usr_a', bytes: 100 + at, contentType: 'image/png', ...change };
  }

  it('lists a kind newest first, by pages that read nothing but themselves', async () => {
    startCounting();
    const media = Array.from({ length: 250 }, (_, at) => aMedium('image', at));
    await Promise.all(media.map((medium) => index.add(medium)));
    const newest = media.toReversed();
    const first = await index.list('image', { limit: 20, after: null, nowMs: NOW });
    expect(first).toEqual({ items: newest.slice(0, 20), hasMore: true });
    const second = await index.list('image', { limit: 20, after: newest[19]?.key ?? '', nowMs: NOW });
    expect(second).toEqual({ items: newest.slice(20, 40), hasMore: true });
    expect({ queries: queries.length, read }).toEqual({ queries: 2, read: 42 });
    const last = await index.list('image', { limit: 20, after: newest[239]?.key ?? '', nowMs: NOW });
    expect(last).toEqual({ items: newest.slice(240), hasMore: false });
    expect(await index.readTotals('image', NOW)).toEqual({
      count: 250,
      bytes: media.reduce((sum, { bytes }) => sum + bytes, 0),
    });
  });

  it('finds by the name alone, takes away once, and counts it once', async () => {
    const upload = { ...aMedium('upload', 1), key: nameUploaded({ expiresAt: MIDNIGHT, createdAt: NOW }, 'png') };
    await index.add(upload);
    expect(await index.find('upload', upload.key)).toEqual(upload);
    expect(await index.find('video', upload.key)).toBeNull();
    expect(await index.find('upload', 'images/nothing')).toBeNull();
    expect(await index.readTotals('upload', NOW)).toEqual({ count: 1, bytes: upload.bytes });
    expect(await index.remove(upload)).toBe(true);
    expect(await index.remove(upload)).toBe(false);
    expect(await index.find('upload', upload.key)).toBeNull();
    expect(await index.readTotals('upload', NOW)).toEqual({ count: 0, bytes: 0 });
  });

  it('tells whose a medium is', async () => {
    const theirs = [aMedium('video', 1, { owner: 'usr_b' }), aMedium('video', 2, { owner: 'usr_b' })];
    for (const medium of theirs) await index.add(medium);
    expect(await index.listOfOwner('usr_b', { limit: 10, nowMs: NOW })).toEqual(theirs);
    await index.remove(theirs[0] as IndexedMedium);
    expect(await index.listOfOwner('usr_b', { limit: 10, nowMs: NOW })).toEqual(theirs.slice(1));
    expect(await index.listOfOwner('usr_c', { limit: 10, nowMs: NOW })).toEqual([]);
  });

  it('forgets everything at its second, though nothing was swept', async () => {
    await index.add(aMedium('video', 3, { owner: 'usr_d' }));
    const at = (nowMs: number) =>
      Promise.all([
        index.list('video', { limit: 9, after: null, nowMs }).then(({ items }) => items.length > 0),
        index.listOfOwner('usr_d', { limit: 9, nowMs }).then(({ length }) => length > 0),
        index.readTotals('video', nowMs).then(({ count }) => count > 0),
      ]);
    expect(await at(MIDNIGHT * 1_000 - 1)).toEqual([true, true, true]);
    expect(await at(MIDNIGHT * 1_000)).toEqual([false, false, false]);
  });
});
