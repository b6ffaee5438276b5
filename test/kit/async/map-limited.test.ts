import { mapLimited } from '../../../layers/kit/async/map-limited.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('mapping with a limit', () => {
  it('keeps the order and never has more calls in flight than allowed', async () => {
    let flying = 0;
    let most = 0;
    const doubled = await mapLimited([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
      flying += 1;
      most = Math.max(most, flying);
      for (let turns = 0; turns < 8 - item; turns += 1) await turn();
      flying -= 1;
      return item * 2;
    });
    expect(doubled).toEqual([2, 4, 6, 8, 10, 12, 14]);
    expect(most).toBe(3);
  });

  it('begins nothing after a failure, and waits for what is in flight', async () => {
    const begun: number[] = [];
    let finished = 0;
    const mapping = mapLimited([0, 1, 2, 3], 2, async (item) => {
      begun.push(item);
      if (item === 0) throw new Error('first');
      await turn();
      finished += 1;
    });
    await expect(mapping).rejects.toThrow('first');
    expect([begun, finished]).toEqual([[0, 1], 1]);
  });

  it('of nothing is nothing', async () => {
    expect(await mapLimited([], 5, async () => 1)).toEqual([]);
  });
});
