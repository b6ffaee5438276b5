import { mapLimited } from '@sluice/kit/async/map-limited';
import type { Clock } from '@sluice/kit/time/clock';
import type { Scheduler } from '@sluice/kit/time/scheduler';
import type { RefreshResult } from './outcome.ts';
import type { Refresher } from './refresh.ts';
import type { TokenKey } from './tokens.ts';

/** What became of one record of many. */
export type ManyResult = RefreshResult | { outcome: 'not-begun' | 'under-way'; text: string };

const AT_ONCE = 16;
/** Nothing is begun later, so that most of what was begun ends in time. */
const BEGIN_MS = 25_000;
const END_MS = 45_000;

/**
 * Refreshes records now, some beside each other; results stand in the order of the keys. One that fails keeps nobody
 * waiting. What is under way when time is over goes on and is saved all the same.
 */
export async function refreshMany(
  deps: { refresher: Refresher; clock: Clock; scheduler: Scheduler },
  keys: readonly TokenKey[],
  since: number,
): Promise<ManyResult[]> {
  const { clock, scheduler } = deps;
  const began = clock();
  return mapLimited(keys, AT_ONCE, async (key): Promise<ManyResult> => {
    const passed = clock() - began;
    if (passed > BEGIN_MS) return { outcome: 'not-begun', text: 'Time was over; ask for it again.' };
    const { promise: over, resolve } = Promise.withResolvers<ManyResult>();
    const stop = scheduler.after(END_MS - passed, () =>
      resolve({ outcome: 'under-way', text: 'It is still under way; what comes of it is saved.' }),
    );
    const refreshed = deps.refresher.refresh(key, { kind: 'manual', since, onceMore: false });
    return Promise.race([refreshed, over]).finally(stop);
  });
}
