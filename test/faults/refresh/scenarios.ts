import { DEFAULT_REFRESH_POLICY, type RefreshCause } from '../../../layers/core/credentials/refresh/outcome.ts';
import type { RefreshPolicy } from '../../../layers/core/credentials/store.ts';
import { createServer, type Server } from './server.ts';

export interface Scenario {
  name: string;
  server: Server;
  causes: readonly RefreshCause[];
  policy: RefreshPolicy;
  /** At most so many faults, moves of the clock, and replacements by the operator in one run. */
  faults: number;
  ticks: number;
  replacements: number;
}

const SCHEDULE: RefreshCause = { kind: 'schedule', staleBefore: null };
const REJECTED: RefreshCause = { kind: 'access-token', digest: 'a1' };
/** Never content with what others did. */
const MANUAL: RefreshCause = { kind: 'manual', since: Number.MAX_SAFE_INTEGER, onceMore: false };
const INSISTING: RefreshCause = { kind: 'manual', since: Number.MAX_SAFE_INTEGER, onceMore: true };
const THREE = [SCHEDULE, REJECTED, MANUAL];

export type Depth = 'short' | 'long';

/** Short: some seconds. Long: some minutes. */
export function scenariosOf(depth: Depth): Scenario[] {
  const isShort = depth === 'short';
  const policy = DEFAULT_REFRESH_POLICY;
  const three = { causes: THREE, policy, faults: isShort ? 1 : 2, ticks: 1, replacements: 0 };
  const two = { ...three, causes: [SCHEDULE, REJECTED], faults: 2, ticks: isShort ? 1 : 2 };
  return [
    { ...three, name: 'a server with single-use refresh tokens', server: createServer('single-use') },
    {
      ...three,
      name: 'a server that keeps the refresh token',
      server: createServer('keeping'),
    },
    {
      ...two,
      name: 'an operator gives another refresh token in between',
      server: createServer('single-use'),
      replacements: 1,
      faults: isShort ? 1 : 2,
    },
    {
      ...three,
      name: 'three refreshers and an operator who gives another refresh token',
      server: createServer('single-use'),
      replacements: 1,
      faults: 1,
      ticks: isShort ? 0 : 1,
    },
    {
      ...two,
      name: 'an operator who insists, at a server that allows it',
      server: createServer('tolerant'),
      causes: [SCHEDULE, INSISTING],
    },
    {
      ...two,
      name: 'a server that is known to allow a second try',
      server: createServer('tolerant'),
      policy: { ...policy, ambiguous: 'send-once-more' },
    },
    {
      ...two,
      name: 'a server whose 5xx says nothing',
      server: createServer('single-use'),
      causes: [SCHEDULE, MANUAL],
      policy: { ...policy, serverError: 'unknown' },
    },
    {
      ...three,
      name: 'a store that fails again and again',
      server: createServer('single-use'),
      causes: [SCHEDULE],
      faults: 9,
      ticks: isShort ? 0 : 1,
    },
    {
      ...two,
      name: 'a refresh token that is over, and an operator who gives another one',
      server: createServer('single-use', true),
      replacements: 1,
      faults: 1,
    },
  ];
}
