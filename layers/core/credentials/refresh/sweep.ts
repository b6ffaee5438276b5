import type { Scheduler } from '@sluice/kit/time/scheduler';
import type { Clock } from '@sluice/kit/time/clock';
import type { Logger } from '@sluice/kit/log/logger';
import type { Settings } from '../../catalog/store.ts';
import type { Upstream, VaultStore } from '../store.ts';
import type { RefreshOutcome } from './outcome.ts';
import type { Refresher } from './refresh.ts';
import { createTurns, runLanes, type Turns } from './lanes.ts';
import type { DueCursor, DuePage, DueTokens, TokenKey } from './tokens.ts';

/** Whether sweeps were on when the last one looked, and since when. */
export interface SweepState {
  isOn: boolean;
  since: number;
}

export interface SweepStore {
  readState(): Promise<SweepState | null>;
  writeState(state: SweepState): Promise<void>;
  /** One sweep at a time for each token endpoint; the same owner may take it again. */
  takeLease(endpoint: string, lease: { owner: string; until: number; now: number }): Promise<boolean>;
  releaseLease(endpoint: string, owner: string): Promise<void>;
}

export interface SweepDeps {
  vault: Pick<VaultStore, 'listUpstreams'>;
  due: DueTokens;
  sweeps: SweepStore;
  refresher: Refresher;
  readSettings(): Promise<{ autoRefresh: Settings['autoRefresh'] }>;
  clock: Clock;
  scheduler: Scheduler;
  /** In [0, 1). */
  random(): number;
  logger: Pick<Logger, 'error'>;
  /** False when no time is left for another record. */
  mayGoOn(): boolean;
  owner: string;
}

export interface SweepInput {
  /** Runs although sweeps are off. */
  force?: boolean | undefined;
  /** Between two records of one lane, milliseconds: at least and at most. */
  pauseMs?: readonly [least: number, most: number] | undefined;
}

export interface SweepReport {
  enabled: boolean;
  endpoints: number;
  /** Endpoints that another sweep is at. */
  taken: number;
  /** How many records came out how. */
  outcomes: Partial<Record<RefreshOutcome, number>>;
  /** The first of them. */
  records: { upstream: string; credentialId: string; outcome: RefreshOutcome; text: string }[];
  /** Time ran out: the next sweep goes on. */
  unfinished: boolean;
  tookMs: number;
}

/** Between two records of one lane, and before the first of an endpoint. */
const PAUSE_MS = [1_000, 3_000] as const;
const PAGE = 200;
const DAY_MS = 86_400_000;
const LEASE_MS = 60_000;
/** Longer than the refresh of a record takes. */
const LEASE_LEFT_MS = 30_000;
const MOST_RECORDS = 200;
/** One lane for so many records that are due; a few are refreshed one after another. */
const RECORDS_PER_LANE = 25;
const DEFAULT_AT_ONCE = 16;
/** Of all endpoints together: one process with more of them under way would be late for their answers. */
const MOST_AT_ONCE = 32;

/**
 * Refreshes what is due: token endpoints beside each other, the records of one endpoint in lanes, in each of which one
 * comes after another with pauses. It reads only what is due. A record that fails keeps nobody waiting, and what is
 * left is still due for the next sweep.
 */
export async function sweepCredentials(deps: SweepDeps, input: SweepInput): Promise<SweepReport> {
  const began = deps.clock();
  const report: SweepReport = {
    enabled: false,
    endpoints: 0,
    taken: 0,
    outcomes: {},
    records: [],
    unfinished: false,
    tookMs: 0,
  };
  const { autoRefresh } = await deps.readSettings();
  const since = await noteState(deps, autoRefresh.enabled);
  report.enabled = autoRefresh.enabled;
  if (!autoRefresh.enabled && input.force !== true) return report;
  const staleBefore = Math.max(autoRefresh.enabled ? since : 0, deps.clock() - autoRefresh.intervalDays * DAY_MS);
  const endpoints = groupByEndpoint(await deps.vault.listUpstreams());
  report.endpoints = endpoints.size;
  const { recordsAtOnce = DEFAULT_AT_ONCE } = autoRefresh;
  const common = { staleBefore, pauseMs: input.pauseMs ?? PAUSE_MS, atOnce: recordsAtOnce, report };
  const turns = createTurns(MOST_AT_ONCE);
  await Promise.all(
    [...endpoints].map(([endpoint, upstreams]) =>
      sweepEndpoint(deps, { ...common, endpoint, upstreams, turns }).catch((error: unknown) => {
        report.unfinished = true;
        deps.logger.error('credential_sweep_failure', { endpoint, internal: String(error) });
      }),
    ),
  );
  report.tookMs = deps.clock() - began;
  return report;
}

/** When sweeps were turned on: all that was refreshed before is swept once. */
async function noteState({ sweeps, clock }: SweepDeps, isOn: boolean): Promise<number> {
  const stored = await sweeps.readState();
  if (stored?.isOn === isOn) return stored.since;
  const since = clock();
  if (isOn || stored !== null) await sweeps.writeState({ isOn, since });
  return since;
}

function groupByEndpoint(upstreams: readonly Upstream[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { name, oauth } of upstreams) {
    if (oauth) groups.set(oauth.tokenUrl, [...(groups.get(oauth.tokenUrl) ?? []), name]);
  }
  return groups;
}

interface EndpointSweep {
  endpoint: string;
  upstreams: readonly string[];
  staleBefore: number;
  pauseMs: readonly [number, number];
  /** Lanes at the most. */
  atOnce: number;
  turns: Turns;
  report: SweepReport;
}

async function sweepEndpoint(deps: SweepDeps, sweep: EndpointSweep): Promise<void> {
  const { endpoint, report } = sweep;
  const due = listDue(deps, sweep);
  const first = await due.next();
  if (first.done === true) return;
  // Endpoints do not begin together, and whoever swept meanwhile leaves nothing to do.
  await pause(deps, sweep.pauseMs);
  const lease = createLease(deps, endpoint);
  if (!(await lease.hold())) {
    report.taken += 1;
    return;
  }
  let waiting: TokenKey | null = first.value;
  const take = async (): Promise<{ key: TokenKey; isFirst: boolean } | null> => {
    const key = waiting;
    waiting = null;
    if (key !== null) return { key, isFirst: true };
    // Lanes that ask at once are answered one after another.
    const { value } = await due.next();
    return value === null ? null : { key: value, isFirst: false };
  };
  const lanes = (): number => Math.min(sweep.atOnce, Math.ceil(due.known() / RECORDS_PER_LANE));
  let [isLost, isLate] = [false, false];
  try {
    await runLanes(lanes, async (isFresh) => {
      const next = isLost || isLate ? null : await take();
      if (next === null) return 'over';
      if (!isFresh) await pause(deps, sweep.pauseMs);
      else if (!next.isFirst) await pause(deps, [0, sweep.pauseMs[1]]);
      return sweep.turns(async () => {
        // Asked when the turn has come: what was taken and is left now is still due.
        isLost ||= !(await lease.hold());
        isLate ||= !deps.mayGoOn();
        if (isLost || isLate) return 'over';
        return (await refreshRecord(deps, sweep, next.key)) === 'failed' ? 'slower' : 'again';
      });
    });
  } finally {
    report.unfinished ||= isLate;
    if (isLost) report.taken += 1;
    else await lease.release();
  }
}

/** The turn of an endpoint, taken again before it ends; lanes that ask at once ask together. */
function createLease({ sweeps, clock, owner }: SweepDeps, endpoint: string) {
  let until = -Infinity;
  let asking: Promise<boolean> | null = null;
  const ask = async (): Promise<boolean> => {
    const now = clock();
    const isOurs = await sweeps.takeLease(endpoint, { owner, until: now + LEASE_MS, now });
    if (isOurs) until = now + LEASE_MS;
    return isOurs;
  };
  return {
    async hold(): Promise<boolean> {
      if (until - clock() >= LEASE_LEFT_MS) return true;
      asking ??= ask().finally(() => {
        asking = null;
      });
      return asking;
    },
    release: () => sweeps.releaseLease(endpoint, owner),
  };
}

/** Page by page, each record once: what its token's life makes due, first due first, then what is old. */
function listDue(deps: SweepDeps, { upstreams, staleBefore }: EndpointSweep) {
  const { due, clock } = deps;
  const seen = new Set<string>();
  let known = 0;
  async function* walk(): AsyncGenerator<TokenKey, null> {
    for (const by of ['due', 'stale'] as const) {
      for (const upstream of upstreams) {
        let after: DueCursor | null = null;
        do {
          const until: number = by === 'due' ? clock() : staleBefore;
          const page: DuePage = await due.listDue({ upstream, by, until, limit: PAGE, after });
          const fresh = page.keys.filter((key) => !seen.has(`${key.upstream}\n${key.credentialId}`));
          for (const key of fresh) seen.add(`${key.upstream}\n${key.credentialId}`);
          known += page.after === null ? fresh.length : Math.max(fresh.length, PAGE * RECORDS_PER_LANE);
          yield* fresh;
          after = page.after;
        } while (after !== null);
      }
    }
    return null;
  }
  return Object.assign(walk(), {
    /** How many are known to be due by now; a page that goes on counts as many. */
    known: () => known,
  });
}

async function refreshRecord(
  { refresher }: SweepDeps,
  { staleBefore, report }: EndpointSweep,
  key: TokenKey,
): Promise<RefreshOutcome> {
  const { outcome, text } = await refresher.refresh(key, { kind: 'schedule', staleBefore });
  report.outcomes[outcome] = (report.outcomes[outcome] ?? 0) + 1;
  if (report.records.length < MOST_RECORDS) {
    report.records.push({ upstream: key.upstream, credentialId: key.credentialId, outcome, text });
  }
  return outcome;
}

async function pause({ scheduler, random }: SweepDeps, [least, most]: readonly [number, number]): Promise<void> {
  const ms = least + random() * (most - least);
  if (ms <= 0) return;
  await new Promise<void>((resolve) => {
    scheduler.after(ms, resolve);
  });
}
