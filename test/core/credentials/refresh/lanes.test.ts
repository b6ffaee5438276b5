import { describe, expect, it } from '@jest/globals';
import { setImmediate as immediately } from 'node:timers/promises';
import { createTurns, runLanes, type LaneNews } from '../../../../layers/core/credentials/refresh/lanes.ts';

/** Work of so many pieces, each as long as a turn of the event loop. */
function stage(pieces: number, newsOf: (index: number) => LaneNews = () => 'again') {
  const world = { done: 0, running: 0, most: 0, fresh: 0, widths: [] as number[] };
  const work = async (isFresh: boolean): Promise<LaneNews> => {
    if (world.done + world.running >= pieces) return 'over';
    world.running += 1;
    world.fresh += Number(isFresh);
    world.most = Math.max(world.most, world.running);
    world.widths.push(world.running);
    await immediately();
    world.running -= 1;
    world.done += 1;
    return newsOf(world.done);
  };
  return { world, work };
}

describe('lanes', () => {
  it('do all there is, so much of it beside each other and no more', async () => {
    const { world, work } = stage(100);
    await runLanes(() => 7, work);
    expect(world).toMatchObject({ done: 100, running: 0, most: 7, fresh: 7 });
  });

  it('are more as soon as there may be more', async () => {
    const { world, work } = stage(100);
    await runLanes(() => (world.done < 50 ? 1 : 10), work);
    expect(Math.max(...world.widths.slice(0, 45))).toBe(1);
    expect(world.most).toBe(10);
  });

  it('are half as many each time that one says slower, never none, and as many again later', async () => {
    const { world, work } = stage(400, (index) => (index > 50 && index <= 60 ? 'slower' : 'again'));
    await runLanes(() => 8, work);
    expect(world.done).toBe(400);
    expect(Math.max(...world.widths.slice(62, 74))).toBeLessThanOrEqual(2);
    expect(Math.max(...world.widths.slice(300))).toBe(8);
  });

  it('end together when one fails, and say what it said', async () => {
    const { world, work } = stage(1_000);
    const failing = async (isFresh: boolean): Promise<LaneNews> => {
      if (world.done >= 10) throw new Error('the store is down');
      return work(isFresh);
    };
    await expect(runLanes(() => 4, failing)).rejects.toThrow('the store is down');
    expect(world.running).toBe(0);
  });
});

describe('turns', () => {
  it('are so many at once, in the order of asking, whatever fails', async () => {
    const turns = createTurns(3);
    const order: number[] = [];
    let [running, most] = [0, 0];
    const tasks = Array.from({ length: 20 }, (_, index) =>
      turns(async () => {
        running += 1;
        most = Math.max(most, running);
        order.push(index);
        await immediately();
        running -= 1;
        if (index % 5 === 0) throw new Error('no');
      }),
    );
    const ends = await Promise.allSettled(tasks);
    expect(ends.filter(({ status }) => status === 'rejected')).toHaveLength(4);
    expect([most, order]).toEqual([3, Array.from({ length: 20 }, (_, index) => index)]);
  });
});
