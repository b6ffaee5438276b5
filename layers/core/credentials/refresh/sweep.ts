import type { Scheduler } from '@sluice/kit/time/scheduler';
import type { Clock } from '@sluice/kit/time/clock';
import type { Logger } from '@sluice/kit/log/logger';
import type { Upstream, VaultStore } from '../store.ts';
import type { RefreshOutcome } from './outcome.ts';
import type { Refresher } from './refresh.ts';
import type { DueTokens, TokenKey } from './tokens.ts';

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
  readSettings(): Promise<{ autoRefresh: { enabled: boolean; intervalDays: number } }>;
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
  /** Between two records of one token endpoint, milliseconds: at least and at most. */
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
}

/** A sweep that asked this server for tokens a moment ago waits so long. */
const PAUSE_MS = [1_000, 3_000] as const;
const PAGE = 25;
const DAY_MS = 86_400_000;
/** Taken again with every record. */
const LEASE_MS = 60_000;
const MOST_RECORDS = 200;

/**
 * Refreshes what is due: token endpoints beside each other, the records of one endpoint one after another with pauses.
 * It reads only what is due. A record that fails keeps nobody waiting, and what is left is still due for the next sweep.
 */
export async function sweepCredentials(deps: SweepDeps, input: SweepInput): Promise<SweepReport> {
  const report: SweepReport = { enabled: false, endpoints: 0, taken: 0, outcomes: {}, records: [], unfinished: false };
  const { autoRefresh } = await deps.readSettings();
  const since = await noteState(deps, autoRefresh.enabled);
  report.enabled = autoRefresh.enabled;
  if (!autoRefresh.enabled && input.force !== true) return report;
  const staleBefore = Math.max(autoRefresh.enabled ? since : 0, deps.clock() - autoRefresh.intervalDays * DAY_MS);
  const endpoints = groupByEndpoint(await deps.vault.listUpstreams());
  report.endpoints = endpoints.size;
  await Promise.all(
    [...endpoints].map(([endpoint, upstreams]) =>
      sweepEndpoint(deps, { endpoint, upstreams, staleBefore, pauseMs: input.pauseMs ?? PAUSE_MS, report }).catch(
        (error: unknown) => {
          report.unfinished = true;
          deps.logger.error('credential_sweep_failure', { endpoint, internal: String(error) });
        },
      ),
    ),
  );
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
  report: SweepReport;
}

async function sweepEndpoint(deps: SweepDeps, sweep: EndpointSweep): Promise<void> {
  const { sweeps, owner } = deps;
  const { endpoint, report } = sweep;
  let isFirst = true;
  for await (const key of listDue(deps, sweep)) {
    if (!deps.mayGoOn()) {
      report.unfinished = true;
      break;
    }
    if (!isFirst) await pause(deps, sweep.pauseMs);
    const now = deps.clock();
    if (!(await sweeps.takeLease(endpoint, { owner, until: now + LEASE_MS, now }))) {
      report.taken += 1;
      return;
    }
    isFirst = false;
    await refreshRecord(deps, sweep, key);
  }
  if (!isFirst) await sweeps.releaseLease(endpoint, owner);
}

/** Page by page, each record once: the index learns a little late what was refreshed. */
async function* listDue(
  { due, clock }: SweepDeps,
  { upstreams, staleBefore }: EndpointSweep,
): AsyncGenerator<TokenKey> {
  for (const upstream of upstreams) {
    const seen = new Set<string>();
    for (;;) {
      const page = await due.listDue({ upstream, now: clock(), staleBefore, limit: PAGE + seen.size });
      const fresh = page.filter(({ credentialId }) => !seen.has(credentialId));
      if (fresh.length === 0) break;
      for (const key of fresh) {
        seen.add(key.credentialId);
        yield key;
      }
    }
  }
}

async function refreshRecord(
  { refresher }: SweepDeps,
  { staleBefore, report }: EndpointSweep,
  key: TokenKey,
): Promise<void> {
  const { outcome, text } = await refresher.refresh(key, { kind: 'schedule', staleBefore });
  report.outcomes[outcome] = (report.outcomes[outcome] ?? 0) + 1;
  if (report.records.length < MOST_RECORDS) {
    report.records.push({ upstream: key.upstream, credentialId: key.credentialId, outcome, text });
  }
}

function pause({ scheduler, random }: SweepDeps, [least, most]: readonly [number, number]): Promise<void> {
  return new Promise((resolve) => {
    scheduler.after(least + random() * (most - least), resolve);
  });
}
