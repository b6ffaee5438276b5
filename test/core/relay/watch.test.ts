import { createWatch, type WatchOptions } from '@sluice/core/relay/watch';
import { createManualScheduler } from '../../support/manual-scheduler.ts';

describe('the limits of a client that reads slowly', () => {
  const table = { firstByteMs: 1_000, firstContentMs: 1_000, idleMs: 500, totalMs: 10_000 };
  const begin = () => {
    const expired: string[] = [];
    const scheduler = createManualScheduler();
    const options: WatchOptions = {
      scheduler,
      table,
      onExpired: (limit) => expired.push(limit),
      onSilence: () => undefined,
    };
    return { expired, scheduler, watch: createWatch(options) };
  };

  it('it may read nothing as long as an upstream may say nothing, and the upstream is not blamed', () => {
    const { expired, scheduler, watch } = begin();
    watch.enter('idleMs');
    scheduler.advance(400);
    watch.hold();
    scheduler.advance(450);
    expect(expired).toEqual([]);
    scheduler.advance(100);
    expect(expired).toEqual(['stalledMs']);
  });

  it('each time that it reads, its time begins anew', () => {
    const { expired, scheduler, watch } = begin();
    for (let round = 0; round < 12; round += 1) {
      watch.hold();
      scheduler.advance(400);
      watch.enter('idleMs');
      scheduler.advance(10);
    }
    expect(expired).toEqual([]);
    watch.hold();
    scheduler.advance(10_000);
    expect(expired[0]).toBe('stalledMs');
  });
});
