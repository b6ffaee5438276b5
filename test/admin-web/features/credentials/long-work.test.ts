import { describe, expect, test } from '@jest/globals';
import { byCursor, inParts } from '../../../../admin-web/src/features/credentials/list/long-work.ts';

const { signal } = new AbortController();

describe('work in parts', () => {
  test('sends every item once, in order, in parts of the size that is allowed', async () => {
    const sent: number[][] = [];
    const work = inParts([1, 2, 3, 4, 5], 2, async (part) => {
      sent.push([...part]);
      return part;
    });
    const ends: boolean[] = [];
    for (let isDone = false; !isDone;) {
      const part = await work.next(signal);
      isDone = part.isDone;
      ends.push(isDone);
    }
    expect(sent).toEqual([[1, 2], [3, 4], [5]]);
    expect(ends).toEqual([false, false, true]);
    expect(work.total).toBe(5);
  });

  test('sends the same part again after a failure, and none before it', async () => {
    const sent: number[][] = [];
    const work = inParts([1, 2, 3], 2, async (part) => {
      sent.push([...part]);
      if (sent.length === 2) throw new Error('no answer');
      return part;
    });
    await work.next(signal);
    await expect(work.next(signal)).rejects.toThrow('no answer');
    await expect(work.next(signal)).resolves.toEqual({ results: [3], isDone: true });
    expect(sent).toEqual([[1, 2], [3], [3]]);
  });

  test('of nothing is done at once, and sends nothing', async () => {
    const work = inParts([], 2, () => Promise.reject(new Error('sent')));
    await expect(work.next(signal)).resolves.toEqual({ results: [], isDone: true });
  });
});

describe('work by cursor', () => {
  test('goes on from the cursor of the answer before until there is none', async () => {
    const asked: (string | null)[] = [];
    const next: Record<string, string | null> = { null: 'a', a: 'b', b: null };
    const work = byCursor<string | null, string>(null, async (cursor) => {
      asked.push(cursor);
      return { results: [String(cursor)], next: next[String(cursor)] ?? null };
    });
    const seen: unknown[] = [];
    for (let isDone = false; !isDone;) {
      const part = await work.next(signal);
      seen.push(...part.results);
      isDone = part.isDone;
    }
    expect(asked).toEqual([null, 'a', 'b']);
    expect(seen).toEqual(['null', 'a', 'b']);
    await expect(work.next(signal)).resolves.toEqual({ results: [], isDone: true });
    expect(asked).toHaveLength(3);
  });
});
