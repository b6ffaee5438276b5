import { createTimedCache } from '@sluice/kit/cache/timed-cache';
import { equalTexts } from '@sluice/kit/crypto/equal-texts';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { Clock } from '@sluice/kit/time/clock';
import {
  machineText,
  useName,
  validValues,
  type MachineSecret,
  type MachineSecretStore,
  type MachineSecretUses,
} from './machine-secret.ts';

interface Verdict {
  allowed: boolean;
  retryAfterSeconds: number;
}

export interface MachineGuardDeps {
  secrets: Pick<MachineSecretStore, 'list'> & MachineSecretUses;
  /** HMAC of a text under a version of the pepper. @throws where there is no such version */
  digest: (text: string, pepperVersion: string) => Promise<string>;
  /** Counts one try, unless the window is full (`core/identity/throttle-store.ts`). */
  throttles: {
    take(throttle: { name: string; limit: number; windowSeconds: number; now: number }): Promise<Verdict>;
  };
  clock: Clock;
}

export interface MachineGuard {
  /**
   * Whose secret it is.
   * @throws GatewayError `invalid_credentials`, or `rate_limit_exceeded` when it is used too often
   */
  admit(given: string | undefined): Promise<MachineSecret>;
}

/** How long a secret that was taken away is still accepted. */
const LIST_LIFE_MS = 5_000;
/** One that is not in the list may have been made a moment ago; a flood of wrong ones is no flood of reads. */
const MOST_READS_AGAIN = 5;
const READS_AGAIN_MS = 1_000;
const NOTE_EVERY_MS = 5 * 60_000;
const MOST_NOTED = 200;
const LONGEST_SECRET = 512;

/** All secrets are read at once and remembered for seconds, so that wrong ones cost the store nothing. */
export function createMachineGuard(deps: MachineGuardDeps): MachineGuard {
  const { clock, throttles } = deps;
  const lists = createTimedCache<MachineSecret[]>({ lifeMs: LIST_LIFE_MS, max: 1 });
  const noted = new Map<string, number>();
  const again = { since: -Infinity, reads: 0 };
  const list = (): Promise<MachineSecret[]> => lists.get('all', () => deps.secrets.list());
  const mayReadAgain = (): boolean => {
    const now = clock();
    if (now - again.since >= READS_AGAIN_MS) Object.assign(again, { since: now, reads: 0 });
    again.reads += 1;
    return again.reads <= MOST_READS_AGAIN;
  };

  const find = async (given: string): Promise<Match | null> => {
    const known = await match(deps, await list(), given);
    if (known !== null || !mayReadAgain()) return known;
    lists.forget('all');
    return match(deps, await list(), given);
  };
  const note = async (digest: string): Promise<void> => {
    const now = clock();
    const name = useName(digest);
    if (now - (noted.get(name) ?? -Infinity) < NOTE_EVERY_MS) return;
    if (noted.size >= MOST_NOTED) noted.clear();
    noted.set(name, now);
    // Of no weight for whoever calls.
    await deps.secrets.noteUse(digest, now).catch(() => noted.delete(name));
  };
  return {
    async admit(given) {
      if (given === undefined || given === '') throw refusal('Send the machine secret as X-API-Secret.');
      const found = given.length > LONGEST_SECRET ? null : await find(given);
      if (found === null) throw refusal('The machine secret is wrong.');
      const { name, requestsPerMinute } = found.secret;
      const [verdict] = await Promise.all([
        requestsPerMinute < 0
          ? { allowed: true, retryAfterSeconds: 0 }
          : throttles.take({
              name: `machine secret ${name}`,
              limit: requestsPerMinute,
              windowSeconds: 60,
              now: clock(),
            }),
        note(found.digest),
      ]);
      if (verdict.allowed) return found.secret;
      throw new GatewayError('rate_limit_exceeded', {
        message: `The machine secret ${name} may be used ${requestsPerMinute} times a minute.`,
        retryAfterSeconds: verdict.retryAfterSeconds,
      });
    },
  };
}

interface Match {
  secret: MachineSecret;
  digest: string;
}

/** Looks at every value, whichever fits, so that the time tells nothing. */
async function match(
  { digest, clock }: MachineGuardDeps,
  secrets: readonly MachineSecret[],
  given: string,
): Promise<Match | null> {
  const now = clock();
  const digests = new Map<string, string | null>();
  let found: Match | null = null;
  for (const secret of secrets) {
    for (const value of validValues(secret, now)) {
      const { pepperVersion } = value;
      if (!digests.has(pepperVersion)) {
        // A version of the pepper that is gone takes its secrets with it, and nobody else's.
        digests.set(pepperVersion, await digest(machineText(given), pepperVersion).catch(() => null));
      }
      const own = digests.get(pepperVersion) ?? null;
      if (own !== null && equalTexts(own, value.digest)) found ??= { secret, digest: value.digest };
    }
  }
  return found;
}

function refusal(message: string): GatewayError {
  return new GatewayError('invalid_credentials', { message });
}
