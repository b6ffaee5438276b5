import type { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import type { Scheduler } from '@sluice/kit/time/scheduler';
import type { RefreshResult } from '../credentials/refresh/outcome.ts';
import type { TokenKey } from '../credentials/refresh/tokens.ts';
import { noCredential, type Candidate } from './candidates.ts';
import type { Router } from './route.ts';

/** Asks the vault for a refresh because of this access token, and waits for what becomes of it. */
export type AskRefresh = (key: TokenKey, digest: string | null) => Promise<RefreshResult>;

/** Access tokens that are over, or that an upstream refused. The relay asks for others; it exchanges nothing itself. */
export interface Renewal {
  /** Null: the candidate can be asked as it is. Otherwise whom to ask, or why nobody can be. */
  beforeCall(candidate: Candidate): Promise<Candidate | GatewayError> | null;
  /** The candidate with another access token; null where there is none. */
  afterRefusal(candidate: Candidate): Promise<Candidate | null>;
}

export interface RenewalDeps {
  askRefresh: AskRefresh;
  clock: Clock;
  scheduler: Scheduler;
  logger: Logger;
}

/** A token that has less left is not shown to an upstream any more, if another can be had. */
const LEAST_LIFE_MS = 10_000;
/** An exchange takes up to ten seconds. */
const PATIENCE_MS = 15_000;
/** The vault is not asked again about a token that it just could not renew. */
const MEMORY_MS = 10_000;
const MOST_REMEMBERED = 1_000;

export function createRenewal(deps: RenewalDeps & { router: Pick<Router, 'renew'> }): Renewal {
  const running = new Map<string, Promise<Candidate | null>>();
  const inVain = new Map<string, number>();

  const renewOnce = async (candidate: Candidate, name: string): Promise<Candidate | null> => {
    const renewed = await ask(deps, candidate);
    if (renewed !== null) return renewed;
    if (inVain.size >= MOST_REMEMBERED) inVain.clear();
    inVain.set(name, deps.clock() + MEMORY_MS);
    return null;
  };
  const renew = async (candidate: Candidate): Promise<Candidate | null> => {
    const digest = candidate.token?.digest ?? null;
    const name = `${candidate.upstream}\n${candidate.credentialId}\n${digest}`;
    if ((inVain.get(name) ?? 0) > deps.clock()) return null;
    let shared = running.get(name);
    if (!shared) {
      shared = renewOnce(candidate, name).finally(() => running.delete(name));
      running.set(name, shared);
    }
    const renewed = await shared;
    // Another request's candidate is of its own route.
    return (
      renewed && { ...candidate, address: renewed.address, token: renewed.token, secretDigest: renewed.secretDigest }
    );
  };

  return {
    beforeCall(candidate) {
      const { token } = candidate;
      if (token === null) return null;
      const now = deps.clock();
      if (token.digest !== null && (token.expiresAt === null || token.expiresAt > now + LEAST_LIFE_MS)) return null;
      const isOver = token.digest === null || (token.expiresAt ?? now) <= now;
      return renew(candidate).then((renewed) => {
        if (renewed !== null) return renewed;
        return isOver ? noCredential(undefined, `the access token of ${candidate.credential} is over`) : candidate;
      });
    },
    afterRefusal: (candidate) => (candidate.token === null ? Promise.resolve(null) : renew(candidate)),
  };
}

/** Never rejects. */
async function ask(
  deps: RenewalDeps & { router: Pick<Router, 'renew'> },
  candidate: Candidate,
): Promise<Candidate | null> {
  const { upstream, credentialId } = candidate;
  const digest = candidate.token?.digest ?? null;
  const { promise: patience, resolve } = Promise.withResolvers<null>();
  const stop = deps.scheduler.after(PATIENCE_MS, () => resolve(null));
  const asked = deps.askRefresh({ upstream, credentialId }, digest).then(({ outcome }) => outcome);
  try {
    const outcome = await Promise.race([asked, patience]);
    const renewed = await deps.router.renew(candidate);
    if (renewed !== null && renewed.token?.digest !== digest) return renewed;
    deps.logger.warn('credential_not_renewed', {
      upstream,
      credential_id: credentialId,
      outcome: outcome ?? 'waiting',
    });
  } catch (error) {
    const internal = error instanceof Error ? error.message : String(error);
    deps.logger.warn('credential_not_renewed', { upstream, credential_id: credentialId, outcome: 'unasked', internal });
  } finally {
    stop();
    asked.catch(() => undefined);
  }
  return null;
}
