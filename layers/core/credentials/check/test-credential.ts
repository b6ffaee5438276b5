import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import type { Scheduler } from '@sluice/kit/time/scheduler';
import { cooldown } from '../cooldown.ts';
import { concerns } from '../display-state.ts';
import { createPool } from '../pool.ts';
import { ALL_MODELS, type PoolState, type PoolStateStore } from '../pool-state.ts';
import type { Opener } from '../sealing-port.ts';
import type { TokenKey, TokenRow, TokenStore } from '../refresh/tokens.ts';
import type { VaultStore } from '../store.ts';
import { askUpstream, type SendCheck, type Verdict } from './ask-upstream.ts';
import { openForCheck } from './open-for-check.ts';
import type { TestedModel } from './upstream-call.ts';

export interface TestDeps {
  vault: Pick<VaultStore, 'findUpstream' | 'findCredential'>;
  tokens: Pick<TokenStore, 'find'>;
  poolStates: PoolStateStore;
  opener: Opener;
  send: SendCheck;
  /** Has the access token of an OAuth credential renewed where it is over. */
  renew(row: TokenRow): Promise<unknown>;
  clock: Clock;
  scheduler: Pick<Scheduler, 'monotonicMs'>;
  logger: Pick<Logger, 'warn'>;
}

export interface CredentialTest extends TokenKey {
  /** Null: the list of models is asked for, which costs nothing. */
  model: TestedModel | null;
  /** Id of who asks, for the log of state changes. */
  who: string;
}

export interface TestReport {
  outcome: Verdict['kind'] | 'not-found' | 'no-token';
  /** The upstream's; 0 when it gave none. */
  upstreamStatus: number;
  text: string;
  /** It rested, or was taken for invalid, and is asked again from now on. */
  reactivated: boolean;
  durationMs: number;
}

/**
 * One call under a credential because an operator wants to know. Whatever comes of it is the newest that is known: a
 * success ends every rest that it disproves, a failure that speaks against the credential begins one at once.
 */
export async function testCredential(deps: TestDeps, test: CredentialTest): Promise<TestReport> {
  const startedMono = deps.scheduler.monotonicMs();
  const startedAt = deps.clock();
  const report = (facts: Partial<TestReport> & Pick<TestReport, 'outcome' | 'text'>): TestReport => ({
    upstreamStatus: 0,
    reactivated: false,
    durationMs: Math.round(deps.scheduler.monotonicMs() - startedMono),
    ...facts,
  });
  const [upstream, credential] = await Promise.all([
    deps.vault.findUpstream(test.upstream),
    deps.vault.findCredential(test.upstream, test.credentialId),
  ]);
  if (!upstream || !credential) return report({ outcome: 'not-found', text: 'There is no such credential.' });
  const row = credential.kind === 'oauth' ? await freshTokens(deps, test) : null;
  const opened = await openForCheck(deps.opener, credential, row);
  if (opened === null) return report({ outcome: 'no-token', text: 'There is no access token to present.' });
  const verdict = await askUpstream(deps.send, { upstream, credential }, { opened, model: test.model });
  const reactivated = await tellPool(deps, test, { verdict, secretDigest: opened.secretDigest, startedAt });
  return report({ outcome: verdict.kind, upstreamStatus: verdict.status, text: verdict.text, reactivated });
}

async function freshTokens(deps: TestDeps, key: TokenKey): Promise<TokenRow | null> {
  const row = await deps.tokens.find(key);
  const isOver = row !== null && (row.accessToken === null || (row.accessExpiresAt ?? Infinity) <= deps.clock());
  if (!isOver) return row;
  await deps.renew(row);
  return deps.tokens.find(key);
}

/** @returns whether the verdict ended a rest */
export async function tellPool(
  deps: Pick<TestDeps, 'poolStates' | 'clock' | 'scheduler' | 'logger'>,
  { upstream, credentialId, model, who }: CredentialTest,
  { verdict, secretDigest, startedAt }: { verdict: Verdict; secretDigest: string; startedAt: number },
): Promise<boolean> {
  if (verdict.kind === 'unknown') return false;
  const states = await deps.poolStates.listStatesOf(upstream, credentialId);
  // What was just read is not read again, nor by a right that only the relay has.
  const poolStates = { ...deps.poolStates, findStates: async () => states };
  const pool = createPool({ ...deps, poolStates, by: 'check' });
  const member = { upstream, credentialId, model: model?.name ?? ALL_MODELS, secretDigest };
  await pool.loadMembers([member]);
  const use = { member, mode: 'forced', who, startedAt, probed: null } as const;
  if (verdict.kind === 'failed') {
    // Of a failure that is nobody's the pool takes for a success what it was told of by a client's request.
    if (cooldown(verdict.failure, 0, startedAt) !== null) await pool.failed(use, verdict.failure);
    return false;
  }
  const isDisproved = states.some(
    (state) =>
      concerns(state, secretDigest) &&
      (state.model === ALL_MODELS || state.model === member.model) &&
      provesEnough(model, state),
  );
  if (!isDisproved) return false;
  await pool.succeeded(use);
  return true;
}

/** Who may see the list of models has a good key; whether there is money left for an answer only an answer shows. */
function provesEnough(model: TestedModel | null, { reason }: PoolState): boolean {
  return model !== null || reason === 'credential_invalid' || reason === 'unreachable';
}
