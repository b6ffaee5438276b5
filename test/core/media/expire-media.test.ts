import { describe, expect, test } from '@jest/globals';
import { clearKind, clearMedium, clearOwner } from '../../../layers/core/media/clear-media.ts';
import { expireMedia } from '../../../layers/core/media/expire-media.ts';
import type { IndexedMedium } from '../../../layers/core/media/media-index.ts';
import { createTimedUuid, nameGenerated, namePresigned, nameUploaded } from '../../../layers/core/media/media-names.ts';
import { createMemoryMediaIndex, createMemoryObjects } from '../../support/memory-media.ts';

const NOW = Date.parse('2026-11-21T16:00:01Z');
const EXPIRED = Date.parse('2026-11-21T16:00:00Z') / 1_000;
const ALIVE = EXPIRED + 86_400;
const FACTS = { contentType: 'image/png', cacheControl: '' };

function counted() {
  const objects = createMemoryObjects();
  const calls = { list: 0, delete: [] as number[] };
  return {
    kept: objects.kept,
    calls,
    keep: async (keys: readonly string[]) => {
      for (const key of keys) await objects.put(key, Buffer.from('1234'), FACTS);
    },
    objects: {
      list: (prefix: string, after: string | null) => {
        calls.list += 1;
        return objects.list(prefix, after);
      },
      delete: (keys: readonly string[]) => {
        calls.delete.push(keys.length);
        return objects.delete(keys);
      },
    },
  };
}

const names = (expiresAt: number, count: number): string[] =>
  Array.from({ length: count }, (_, at) => nameGenerated({ expiresAt, createdAt: NOW - at * 1_000 }, 'png'));

describe('the sweep', () => {
  test('deletes ten thousand in batches, looks at nothing that lives but the first, and reports', async () => {
    const stage = counted();
    await stage.keep([...names(EXPIRED, 10_000), ...names(ALIVE, 3_000)]);
    const deps = { objects: stage.objects, clock: () => NOW, batch: 200, mayGoOn: () => true };
    expect(await expireMedia(deps)).toEqual({
      deleted: 10_000,
      bytes: 40_000,
      batches: 50,
      failed: 0,
      finished: true,
    });
    expect(stage.kept.size).toBe(3_000);
    expect(stage.calls.delete).toEqual(Array.from({ length: 50 }, () => 200));
    expect(stage.calls.list).toBeLessThanOrEqual(14);
    expect(await expireMedia(deps)).toMatchObject({ deleted: 0, batches: 0 });
  });

  test('deletes uploads of both kinds, and leaves what does not tell when it expires', async () => {
    const stage = counted();
    const times = { expiresAt: EXPIRED, createdAt: NOW - 5_000 };
    const later = { expiresAt: ALIVE, createdAt: NOW - 5_000 };
    const left = [
      'images/who-knows.png',
      nameUploaded(later, 'png'),
      namePresigned(createTimedUuid(later), 'usr_1'),
      ...names(ALIVE, 1),
    ];
    await stage.keep([nameUploaded(times, 'png'), namePresigned(createTimedUuid(times), 'usr_1'), ...left]);
    const report = await expireMedia({ objects: stage.objects, clock: () => NOW, batch: 100, mayGoOn: () => true });
    expect(report).toMatchObject({ deleted: 2, finished: true });
    expect([...stage.kept.keys()].toSorted()).toEqual(left.toSorted());
  });

  test('stops when no time is left, says so, and goes on the next time', async () => {
    const stage = counted();
    await stage.keep(names(EXPIRED, 50));
    let turns = 3;
    const deps = { objects: stage.objects, clock: () => NOW, batch: 10, mayGoOn: () => (turns -= 1) >= 0 };
    expect(await expireMedia(deps)).toMatchObject({ deleted: 20, finished: false });
    turns = 100;
    expect(await expireMedia(deps)).toMatchObject({ deleted: 30, finished: true });
  });

  test('counts what could not be deleted and goes on with the rest', async () => {
    const stage = counted();
    const keys = names(EXPIRED, 5);
    await stage.keep(keys);
    const stuck = keys[2] ?? '';
    const objects = {
      ...stage.objects,
      delete: async (batch: readonly string[]) => {
        await stage.objects.delete(batch.filter((key) => key !== stuck));
        return batch.includes(stuck) ? [stuck] : [];
      },
    };
    const report = await expireMedia({ objects, clock: () => NOW, batch: 2, mayGoOn: () => true });
    expect(report).toMatchObject({ deleted: 4, failed: 1, finished: true });
    expect([...stage.kept.keys()]).toEqual([stuck]);
  });
});

describe('clearing', () => {
  async function stageOf(count: number) {
    const stage = counted();
    const index = createMemoryMediaIndex();
    const keys = names(ALIVE, count);
    await stage.keep(keys);
    for (const [at, key] of keys.entries()) {
      const medium: IndexedMedium = {
        key,
        kind: at % 2 === 0 ? 'image' : 'video',
        owner: `usr_${at % 3}`,
        bytes: 4,
        contentType: 'image/png',
      };
      await index.add(medium);
    }
    return { ...stage, index, keys, deps: { objects: stage.objects, index, clock: () => NOW } };
  }

  test('a kind takes its bytes and its rows, in bounded calls', async () => {
    const { deps, kept, index } = await stageOf(10_000);
    expect(await clearKind(deps, 'image')).toEqual({ deleted: 4_000, bytes: 16_000, hasMore: true });
    expect(await clearKind(deps, 'image')).toEqual({ deleted: 1_000, bytes: 4_000, hasMore: false });
    expect(kept.size).toBe(5_000);
    expect(await index.readTotals('image', NOW)).toEqual({ count: 0, bytes: 0 });
    expect(await index.readTotals('video', NOW)).toEqual({ count: 5_000, bytes: 20_000 });
  });

  test('an owner takes all of theirs and nothing else', async () => {
    const { deps, kept } = await stageOf(30);
    expect(await clearOwner(deps, 'usr_1')).toEqual({ deleted: 10, bytes: 40, hasMore: false });
    expect(kept.size).toBe(20);
    expect(await clearOwner(deps, 'usr_1')).toMatchObject({ deleted: 0 });
  });

  test('one item takes that one, of its kind only', async () => {
    const { deps, kept, keys } = await stageOf(4);
    expect(await clearMedium(deps, 'video', keys[0] ?? '')).toBeNull();
    expect(await clearMedium(deps, 'image', keys[0] ?? '')).toMatchObject({ key: keys[0] });
    expect(await clearMedium(deps, 'image', keys[0] ?? '')).toBeNull();
    expect(kept.size).toBe(3);
  });

  test('keeps the row of what could not be deleted', async () => {
    const { deps, index, keys } = await stageOf(2);
    const failing = { ...deps, objects: { delete: async () => [keys[0] ?? ''] } };
    await expect(clearMedium(failing, 'image', keys[0] ?? '')).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await index.find('image', keys[0] ?? '')).not.toBeNull();
  });
});
