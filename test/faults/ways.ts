import type { Scenario } from './scenarios.ts';
import type { Way } from './way.ts';
import { createKeyWay } from './way-keys.ts';
import { createRefreshWay } from './way-refresh.ts';

const NO_WAY: Way = {
  prepare: async () => undefined,
  begin: () => undefined,
  wrote: async () => [],
  check: async () => [],
};

export function wayOf({ way }: Scenario): Way {
  if (way === undefined) return NO_WAY;
  return way === 'keys' ? createKeyWay() : createRefreshWay();
}
