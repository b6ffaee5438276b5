import type { QuotaClass, Settings } from '../catalog/store.ts';

/** How long a request may wait for what, in milliseconds. */
export interface TimerTable {
  /** From the call to the upstream's status: name look-up, connection, and its thinking before the first byte. */
  firstByteMs: number;
  /** From its status to the first whole event or byte of the body. */
  firstContentMs: number;
  /** Between two chunks. Upstreams fall silent for minutes while they write tool arguments. */
  idleMs: number;
  /** The whole request; below the 900 s after which a Lambda function is stopped without a word. */
  totalMs: number;
}

/** The table of a class with what the operator set in its place, and how long a stream's start may take. */
export function timersOf(
  timers: RelayTimers,
  quotaClass: QuotaClass,
  settings: Settings,
): { table: TimerTable; slowStartMs: number } {
  const own = timers.byClass[quotaClass];
  const set = settings.upstreamTimeouts[quotaClass] ?? {};
  return {
    table: {
      firstByteMs: set.firstByteMs ?? own.firstByteMs,
      firstContentMs: set.firstContentMs ?? own.firstContentMs,
      idleMs: set.idleMs ?? own.idleMs,
      totalMs: own.totalMs,
    },
    slowStartMs: set.slowStartMs ?? timers.slowStartMs[quotaClass],
  };
}

export interface RelayTimers {
  byClass: Readonly<Record<QuotaClass, TimerTable>>;
  /** A stream without a status from the upstream begins after this silence at the latest, with a comment. */
  silentStartMs: number;
  /** A comment follows each such silence; CDNs and proxies cut idle connections. */
  pingMs: number;
  /**
   * What a stream may take from the call to its first content while somebody else could be asked. The last one asked
   * has the whole time of its class: a model that thinks long is slow everywhere.
   */
  slowStartMs: Readonly<Record<QuotaClass, number>>;
  /** What an upstream may take to end its answer behind the end marker. */
  releaseMs: number;
}

/** For name look-up, TCP and TLS. */
export const CONNECT_TIMEOUT_MS = 10_000;

const TOTAL_MS = 840_000;

export const RELAY_TIMERS: RelayTimers = {
  byClass: {
    chat: { firstByteMs: 300_000, firstContentMs: 300_000, idleMs: 240_000, totalMs: TOTAL_MS },
    heavy: { firstByteMs: TOTAL_MS, firstContentMs: TOTAL_MS, idleMs: 300_000, totalMs: TOTAL_MS },
    image: { firstByteMs: 600_000, firstContentMs: 600_000, idleMs: 240_000, totalMs: TOTAL_MS },
    // Films are only begun in a call, within the CDN's 120 s.
    video: { firstByteMs: 100_000, firstContentMs: 100_000, idleMs: 60_000, totalMs: TOTAL_MS },
  },
  silentStartMs: 20_000,
  pingMs: 15_000,
  slowStartMs: { chat: 60_000, heavy: 240_000, image: 300_000, video: 60_000 },
  releaseMs: 1_000,
};
