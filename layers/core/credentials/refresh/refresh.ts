import { createPrefixedId } from '@sluice/kit/ids/prefixed-id';
import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import type { Scheduler } from '@sluice/kit/time/scheduler';
import type { Opener, Sealer } from '../sealing-port.ts';
import { ALL_MODELS, type PoolMark, type PoolStateStore } from '../pool-state.ts';
import type { VaultStore } from '../store.ts';
import { exchange, type RefreshSubject, type SendGrant } from './exchange.ts';
import { begin, next, type Command, type News, type Step } from './machine.ts';
import type { Alarm, RefreshCause, RefreshResult } from './outcome.ts';
import type { SealedGrant, TokenKey, TokenRow, TokenStore } from './tokens.ts';

export interface RefresherDeps {
  tokens: TokenStore;
  vault: Pick<VaultStore, 'findUpstream' | 'findCredential'>;
  opener: Opener;
  /** Seals with the newest key of the vault; asked for before anything is sent. */
  sealer(): Promise<Sealer>;
  /** @param allowedNetworks as in the settings */
  send: SendGrant;
  clock: Clock;
  scheduler: Scheduler;
  logger: Pick<Logger, 'info' | 'error'>;
  /** The log of operations; what it does not take is in the other log all the same. */
  changes: Pick<PoolStateStore, 'appendChange'>;
  /** Names this process in leases. */
  owner: string;
}

/** The only one who exchanges refresh tokens. */
export interface Refresher {
  /** Never throws. Calls of one process for the same reason share one attempt; those of others wait for each other. */
  refresh(key: TokenKey, cause: RefreshCause): Promise<RefreshResult>;
}

export function createRefresher(deps: RefresherDeps): Refresher {
  const running = new Map<string, Promise<RefreshResult>>();
  return {
    refresh(key, cause) {
      const name = `${key.upstream}\n${key.credentialId}\n${reasonOf(cause)}`;
      const known = running.get(name);
      if (known) return known;
      const result = refreshOnce(deps, key, cause).finally(() => running.delete(name));
      running.set(name, result);
      return result;
    },
  };
}

function reasonOf(cause: RefreshCause): string {
  if (cause.kind === 'access-token') return `access-token ${cause.digest}`;
  return cause.kind === 'manual' ? `manual ${cause.onceMore}` : cause.kind;
}

async function refreshOnce(deps: RefresherDeps, key: TokenKey, cause: RefreshCause): Promise<RefreshResult> {
  try {
    const { upstream, credentialId } = key;
    const [found, credential, sealer] = await Promise.all([
      deps.vault.findUpstream(upstream),
      deps.vault.findCredential(upstream, credentialId),
      deps.sealer(),
    ]);
    if (found === null || credential === null) return { outcome: 'not-found', text: 'There is no such credential.' };
    if (!found.oauth) return { outcome: 'failed', text: `The upstream ${upstream} has no token endpoint.` };
    return await drive(deps, { key, cause, subject: { client: found.oauth, credential }, sealer });
  } catch (error) {
    deps.logger.error('credential_refresh_broken', { ...namesOf(key), internal: describe(error) });
    return { outcome: 'store-unavailable', text: 'The refresh could not be made; the log says why.' };
  }
}

interface Job {
  key: TokenKey;
  cause: RefreshCause;
  subject: RefreshSubject;
  sealer: Sealer;
}

/** Carries out what the machine says, until it says done. What somebody has to know is told before anything else. */
async function drive(deps: RefresherDeps, job: Job): Promise<RefreshResult> {
  const { key, cause, subject } = job;
  const attempt = createPrefixedId('att');
  const told: Told = { attempt, before: null, grant: null, alarms: [] };
  let step: Step = begin({ attempt, owner: deps.owner, cause, policy: subject.client.policy, startedAt: deps.clock() });
  for (;;) {
    for (const alarm of step.alarms) tell(deps, key, alarm);
    told.alarms.push(...step.alarms);
    const { command } = step;
    if (command.do === 'done') {
      const { outcome } = command.result;
      deps.logger.info('credential_refresh', { ...namesOf(key), attempt, cause: cause.kind, outcome });
      await note(deps, key, told, command.result);
      return command.result;
    }
    if (command.do === 'exchange') told.before = command.row;
    const news = await perform(deps, job, attempt, command);
    if (news.got === 'outcome' && news.outcome.kind === 'granted') told.grant = news.outcome.grant;
    step = next(step.machine, news, deps.clock());
  }
}

/** What one refresh has come by. */
interface Told {
  attempt: string;
  /** The row that was refreshed. */
  before: TokenRow | null;
  grant: SealedGrant | null;
  alarms: Alarm[];
}

/** Into the log of operations, and whose the new refresh token is. Never throws: the tokens are safe by now. */
async function note(deps: RefresherDeps, key: TokenKey, told: Told, { outcome, text }: RefreshResult): Promise<void> {
  const { before, grant, attempt } = told;
  const now = deps.clock();
  const from = before === null ? 'active' : markOf(before);
  const writes: Promise<void>[] = [];
  const append = (to: PoolMark, who: string, reason: string): void => {
    const change = { ...key, model: ALL_MODELS, at: now, by: 'refresh' as const, who, from, to, reason, until: null };
    writes.push(deps.changes.appendChange(change));
  };
  for (const alarm of told.alarms) {
    const to = MARKS[alarm.event];
    if (to !== undefined) append(to ?? from, alarm.attempt, `${WORDS[alarm.event] ?? alarm.event}: ${alarm.text}`);
  }
  if (outcome === 'refreshed' && (from !== 'active' || before?.accessToken === null)) {
    append('active', attempt, before?.accessToken === null ? 'its first access token' : text);
  }
  if (outcome === 'refreshed' && grant?.refreshDigest) {
    writes.push(deps.tokens.noteMark(key, `oauth#${grant.refreshDigest}`, now));
  }
  for (const { status, reason } of (await Promise.allSettled(writes)) as PromiseRejectedResult[]) {
    if (status === 'rejected')
      deps.logger.error('credential_change_unlogged', { ...namesOf(key), internal: describe(reason) });
  }
}

/** What a row's state is called; null below: as before. */
function markOf({ invalid, ambiguous }: TokenRow): PoolMark {
  if (invalid !== null) return 'invalid';
  return ambiguous === null ? 'active' : 'ambiguous';
}

const MARKS: Partial<Record<Alarm['event'], PoolMark | null>> = {
  credential_refresh_ambiguous: 'ambiguous',
  credential_refresh_token_invalid: 'invalid',
  credential_refresh_failing: null,
  credential_tokens_superseded: null,
  credential_tokens_unsaved: null,
};

const WORDS: Partial<Record<Alarm['event'], string>> = {
  credential_refresh_ambiguous: 'nobody knows whether the refresh token was used up',
  credential_refresh_token_invalid: 'the server refused the refresh token for good',
  credential_refresh_failing: 'refreshes fail again and again',
};

async function perform(
  deps: RefresherDeps,
  { key, subject, sealer }: Job,
  attempt: string,
  command: Exclude<Command, { do: 'done' }>,
): Promise<News> {
  const { tokens, clock } = deps;
  switch (command.do) {
    case 'wait':
      await sleep(deps, command.ms);
      return { got: 'woken' };
    case 'exchange':
      return { got: 'outcome', outcome: await exchange({ ...deps, sealer }, subject, command.row) };
    case 'read':
      return orLost(async () => ({ got: 'row', row: await tokens.find(key) }));
    case 'write':
      if (command.afterMs > 0) await sleep(deps, command.afterMs);
      return orLost(async () => {
        const outcome = await tokens.write(key, command.write);
        return outcome.written ? { got: 'written' } : { got: 'refused', row: outcome.row };
      });
    case 'put-aside':
      if (command.afterMs > 0) await sleep(deps, command.afterMs);
      return orLost(async () => {
        const { row, grant, why } = command;
        await tokens.putAside({ ...key, attempt, rotation: row.rotation, at: clock(), why, grant });
        return { got: 'written' };
      });
  }
}

async function orLost(ask: () => Promise<News>): Promise<News> {
  try {
    return await ask();
  } catch {
    return { got: 'lost' };
  }
}

function sleep({ scheduler }: RefresherDeps, ms: number): Promise<void> {
  return new Promise((resolve) => {
    scheduler.after(ms, resolve);
  });
}

function tell({ logger }: RefresherDeps, key: TokenKey, { event, attempt, text, grant }: Alarm): void {
  logger.error(event, { ...namesOf(key), attempt, text, ...(grant && { sealed: toLogText(grant) }) });
}

/** Hexadecimal, so that nothing in it looks like a secret and is masked. */
function toLogText(grant: SealedGrant): string {
  return Buffer.from(JSON.stringify(grant)).toString('hex');
}

function namesOf({ upstream, credentialId }: TokenKey): { upstream: string; credential_id: string } {
  return { upstream, credential_id: credentialId };
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
