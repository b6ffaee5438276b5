import { concerns, displayState } from '../credentials/display-state.ts';
import type { PoolState } from '../credentials/pool-state.ts';
import type { ShownCredential } from '../credentials/list-shown.ts';
import type { RollUpRow } from '../metering/roll-up.ts';

/** What is known of the health of upstreams and credentials: pure, of what the pool and the roll-ups say. */

/** An upstream with what it is judged by. */
export interface WatchedUpstream {
  name: string;
  credentials: readonly ShownCredential[];
  states: readonly PoolState[];
}

export type UpstreamHealth = 'up' | 'down' | 'unknown' | 'unused';

/**
 * `down`: every call to it lately failed by no client's fault, or each of its credentials failed last, and
 * lately. `unknown`: such failures are older, and no request has proven it since. `unused`: it has no credential.
 * @param rows of the dimension `credential`, of the time that counts as lately
 */
export function upstreamHealth(
  upstream: WatchedUpstream,
  rows: readonly RollUpRow[],
  { now, latelyMs }: { now: number; latelyMs: number },
): UpstreamHealth {
  const enabled = upstream.credentials.filter((credential) => credential.enabled);
  if (enabled.length === 0) return 'unused';
  const own = rows.filter(({ member }) => member.startsWith(`${upstream.name}/`));
  const faults = own.reduce((sum, { service }) => sum + (service?.faults ?? 0), 0);
  const calls = own.reduce((sum, { service }) => sum + servedBy(service), 0);
  if (calls > 0) return faults === calls ? 'down' : 'up';
  const failures = enabled.map((credential) => lastFailure(credential, upstream.states));
  if (failures.includes(null)) return 'up';
  return failures.every((at) => at !== null && now - at < latelyMs) ? 'down' : 'unknown';
}

/** Names of credentials that nobody but an operator can help. */
export function needingAttention({ credentials, states }: WatchedUpstream, now: number): string[] {
  return credentials
    .filter((credential) => {
      const own = states.filter(({ credentialId }) => credentialId === credential.id);
      const { state } = displayState(credential, own, now);
      const isLost = state === 'invalid' || state === 'exhausted' || (credential.ambiguous ?? null) !== null;
      return credential.enabled && isLost;
    })
    .map(({ upstream, name }) => `${upstream}/${name}`);
}

export function servedBy(service: RollUpRow['service']): number {
  return service?.durationCounts.reduce((sum, count) => sum + count, 0) ?? 0;
}

/**
 * Until when its youngest failure that nothing has disproven rested, or rests, or when its refresh token was refused;
 * null: there is none.
 */
function lastFailure({ id, secretDigest, invalid }: ShownCredential, states: readonly PoolState[]): number | null {
  const open = states.filter(
    // Being asked to slow down is no illness.
    (state) => state.credentialId === id && concerns(state, secretDigest) && state.reason !== 'rate_limited',
  );
  const failures = [...open.map(({ until }) => until), ...(invalid ? [invalid.at] : [])];
  return failures.length === 0 ? null : Math.max(...failures);
}
