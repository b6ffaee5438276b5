import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import type { Scheduler } from '@sluice/kit/time/scheduler';
import type { Settings } from '../../catalog/store.ts';
import { concerns } from '../display-state.ts';
import { shownOf } from '../list-shown.ts';
import type { PoolState, PoolStateStore } from '../pool-state.ts';
import { fractionOf } from '../refresh/due.ts';
import type { TokenRow, TokenStore } from '../refresh/tokens.ts';
import type { Opener } from '../sealing-port.ts';
import type { Credential, Upstream, VaultStore } from '../store.ts';
import { askUpstream, type SendCheck, type Verdict } from './ask-upstream.ts';
import { openForCheck } from './open-for-check.ts';
import { tellPool } from './test-credential.ts';

/*
 * Looks at credentials that nobody has used, where that costs nothing: by the upstream's list of models. What clients'
 * own requests show is always newer and better, so this only finds keys that were revoked, and keys that are good again.
 * It never causes the refusals that it looks for: who rests is left alone, each is asked once an interval at a moment of
 * its own, one after the other, and an upstream that says 429, or that has no such list, is not asked any further.
 */

export interface CheckDeps {
  vault: Pick<VaultStore, 'listUpstreams' | 'listCredentials'>;
  tokens: Pick<TokenStore, 'list'>;
  poolStates: PoolStateStore;
  opener: Opener;
  send: SendCheck;
  readSettings(): Promise<Pick<Settings, 'credentialChecks'>>;
  clock: Clock;
  scheduler: Scheduler;
  logger: Pick<Logger, 'warn' | 'info'>;
  /** In [0, 1). */
  random(): number;
  /** There is time for one more. */
  mayGoOn(): boolean;
}

export interface CheckReport {
  enabled: boolean;
  upstreams: number;
  /** Asked. */
  checked: number;
  passed: number;
  failed: number;
  /** Asked, and nothing was learnt. */
  unknown: number;
  /** Among the passed, those that rested until then. */
  reactivated: number;
  /** Their turn, but left alone: they rest, or their upstream said no more. */
  skipped: number;
  /** Upstreams without a list of models, or that had enough. */
  stopped: string[];
}

/** Ticks of the schedule. */
export const CHECK_TICK_MS = 10 * 60_000;
/** Of one upstream, in one tick; who has more waits for a longer turn. */
const MOST_OF_UPSTREAM = 100;
const PAUSE_MS: readonly [number, number] = [500, 1_500];
const WHO = 'check-credentials';

export async function checkCredentials(deps: CheckDeps, { force = false } = {}): Promise<CheckReport> {
  const { credentialChecks } = await deps.readSettings();
  const report: CheckReport = {
    enabled: credentialChecks.enabled,
    upstreams: 0,
    checked: 0,
    passed: 0,
    failed: 0,
    unknown: 0,
    reactivated: 0,
    skipped: 0,
    stopped: [],
  };
  if (!credentialChecks.enabled && !force) return report;
  const intervalMs = credentialChecks.intervalMinutes * 60_000;
  const upstreams = await deps.vault.listUpstreams();
  await Promise.all(upstreams.map((upstream) => checkUpstream(deps, { upstream, intervalMs, force }, report)));
  return report;
}

interface Turn {
  upstream: Upstream;
  intervalMs: number;
  /** All of them, whosever turn it is. */
  force: boolean;
}

async function checkUpstream(
  deps: CheckDeps,
  { upstream, intervalMs, force }: Turn,
  report: CheckReport,
): Promise<void> {
  const all = (await deps.vault.listCredentials(upstream.name)).filter(({ enabled }) => enabled);
  const due = force ? all.slice(0, MOST_OF_UPSTREAM) : dueNow(all, { now: deps.clock(), intervalMs });
  if (due.length === 0) return;
  report.upstreams += 1;
  const [states, rows] = await Promise.all([
    deps.poolStates.listStates(upstream.name),
    due.some(({ kind }) => kind === 'oauth') ? deps.tokens.list(upstream.name) : [],
  ]);
  const tokens = new Map(rows.map((row) => [row.credentialId, row]));
  let isFirst = true;
  for (const credential of due) {
    const row = tokens.get(credential.id) ?? null;
    const own = states.filter(({ credentialId }) => credentialId === credential.id);
    if (
      !deps.mayGoOn() ||
      report.stopped.includes(upstream.name) ||
      !mayBeAsked(credential, { row, own }, deps.clock())
    ) {
      report.skipped += 1;
      continue;
    }
    if (!isFirst) await pause(deps);
    isFirst = false;
    const verdict = await checkOne(deps, { upstream, credential, row }, report);
    if (verdict !== null && isEnough(verdict, credential)) report.stopped.push(upstream.name);
  }
}

/**
 * Whose turn it is in this tick. A credential's turn is its own, by its name, so none is asked twice in an interval and
 * no two processes need to remember anything.
 */
export function dueNow(
  credentials: readonly Credential[],
  { now, intervalMs }: { now: number; intervalMs: number },
): Credential[] {
  const turns = Math.max(Math.round(intervalMs / CHECK_TICK_MS), Math.ceil(credentials.length / MOST_OF_UPSTREAM), 1);
  const turn = Math.floor(now / CHECK_TICK_MS) % turns;
  return credentials.filter(({ upstream, id }) => Math.floor(fractionOf(`check\n${upstream}\n${id}`) * turns) === turn);
}

/** Who rests by its own upstream's word would only be refused again; who is invalid for good is not asked at all. */
function mayBeAsked(
  credential: Credential,
  { row, own }: { row: TokenRow | null; own: readonly PoolState[] },
  now: number,
): boolean {
  const shown = shownOf(credential, row);
  if (!shown.enabled || shown.invalid != null) return false;
  if (credential.kind === 'oauth' && (row?.accessToken == null || (row.accessExpiresAt ?? Infinity) <= now))
    return false;
  return !own.some((state) => concerns(state, shown.secretDigest) && state.until > now);
}

async function checkOne(
  deps: CheckDeps,
  { upstream, credential, row }: { upstream: Upstream; credential: Credential; row: TokenRow | null },
  report: CheckReport,
): Promise<Verdict | null> {
  const startedAt = deps.clock();
  const opened = await openForCheck(deps.opener, credential, row).catch(() => null);
  if (opened === null) {
    report.skipped += 1;
    return null;
  }
  const asked = await askUpstream(deps.send, { upstream, credential }, { opened, model: null });
  if (asked.kind === 'unknown' && asked.status === 0) {
    report.skipped += 1;
    return asked;
  }
  const verdict = asked.kind === 'failed' && !isAboutKey(asked) ? { ...asked, kind: 'unknown' as const } : asked;
  report.checked += 1;
  report[verdict.kind] += 1;
  const test = { upstream: upstream.name, credentialId: credential.id, model: null, who: WHO };
  if (await tellPool(deps, test, { verdict, secretDigest: opened.secretDigest, startedAt })) report.reactivated += 1;
  if (verdict.kind === 'failed') {
    const { status, text } = verdict;
    deps.logger.warn('credential_check_failed', {
      upstream: upstream.name,
      credential_id: credential.id,
      status,
      text,
    });
  }
  return asked;
}

/** How the list of models fares says nothing of answers, but for a key that is refused. */
function isAboutKey({ status }: Verdict): boolean {
  return status === 401 || status === 403;
}

/** The upstream has no such endpoint, or had enough, or is down: the others would hear the same. */
function isEnough({ kind, status }: Verdict, { proxyUrl }: Credential): boolean {
  if (kind === 'failed' && status === 0) return proxyUrl === null;
  return kind !== 'passed' && status !== 401 && status !== 403;
}

function pause({ scheduler, random }: CheckDeps): Promise<void> {
  const [least, most] = PAUSE_MS;
  return new Promise((resolve) => {
    scheduler.after(least + Math.floor(random() * (most - least)), resolve);
  });
}
