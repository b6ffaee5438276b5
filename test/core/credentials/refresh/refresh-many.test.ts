import { describe, expect, it } from '@jest/globals';
import { refreshMany } from '../../../../layers/core/credentials/refresh/refresh-many.ts';
import type { RefreshResult } from '../../../../layers/core/credentials/refresh/outcome.ts';
import { createEventClock } from '../../../support/event-clock.ts';

const keysOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ upstream: 'up', credentialId: `c${index}` }));

function stage(takesMs: (credentialId: string) => number) {
  const time = createEventClock(1_700_000_000_000);
  const world = { begun: [] as string[], ended: 0, running: 0, most: 0 };
  const refresher = {
    async refresh({ credentialId }: { credentialId: string }): Promise<RefreshResult> {
      world.begun.push(credentialId);
      world.running += 1;
      world.most = Math.max(world.most, world.running);
      await new Promise<void>((resolve) => time.after(takesMs(credentialId), resolve));
      world.running -= 1;
      world.ended += 1;
      return credentialId === 'c3' ? { outcome: 'failed', text: 'No.' } : { outcome: 'refreshed', text: 'Yes.' };
    },
  };
  return { time, world, deps: { refresher, clock: time.now, scheduler: time } };
}

describe('many refreshes', () => {
  it('have a result each, in the order of asking, sixteen beside each other', async () => {
    const { time, world, deps } = stage(() => 300);
    const asked = refreshMany(deps, keysOf(50), 5);
    await time.run();
    const results = await asked;
    expect(results.map(({ outcome }) => outcome)).toEqual(keysOf(50).map((_, i) => (i === 3 ? 'failed' : 'refreshed')));
    expect(world.most).toBe(16);
  });

  it('are answered in time although an endpoint hangs: what was not begun says so, what is under way goes on', async () => {
    const { time, world, deps } = stage(() => 30_000);
    const began = time.now();
    let tookMs = 0;
    const asked = refreshMany(deps, keysOf(40), 5).finally(() => {
      tookMs = time.now() - began;
    });
    await time.run();
    const outcomes = (await asked).map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'not-begun')).toHaveLength(24);
    expect(tookMs).toBeLessThan(50_000);
    expect([world.begun.length, world.ended]).toEqual([16, 16]);
    const slow = stage(() => 60_000);
    const late = refreshMany(slow.deps, keysOf(2), 5);
    await slow.time.run();
    expect((await late).map(({ outcome }) => outcome)).toEqual(['under-way', 'under-way']);
  });
});
