import type { Clock } from '@sluice/kit/time/clock';
import { foldLogin } from './fold-login.ts';
import { placeOf } from './place-of.ts';
import type { User } from './store.ts';
import type { Throttle, ThrottleStore, ThrottleVerdict } from './throttle-store.ts';

/** So many wrong passwords for one name from one address. An office behind one address has many names. */
const PLACE_LIMIT = 10;
const PLACE_WINDOW_SECONDS = 15 * 60;
/** From all addresses together, for a guesser who has many. */
const NAME_LIMIT = 100;
const NAME_WINDOW_SECONDS = 3600;
/** From one address for all names together, for a guesser who tries one password on many names. */
const ADDRESS_LIMIT = 200;
/** How long an address is known after a sign-in from it. */
const KNOWN_MS = 30 * 24 * 3600_000;

export interface LoginThrottle {
  /** Counts one try before the password is looked at, so that a thousand at once are no more than one by one. */
  take(login: string, address: string): Promise<ThrottleVerdict>;
  /**
   * The password was right: what was counted against its owner is taken back, and the address is known, under whichever
   * of the owner's names they come back.
   */
  succeed(login: string, address: string, owner?: Pick<User, 'username' | 'email'>): Promise<void>;
}

/**
 * Tries by name and address, strict; by address alone and by name alone, loose. A stranger can use up the second, and with it lock the
 * name for the rest of the hour, or the address for a quarter of one, but not for addresses that its owner has signed in from: those have only their own
 * strict count (OWASP's "device cookies", by address). A name that nobody has is counted like any other.
 */
export function createLoginThrottle(deps: { throttles: ThrottleStore; clock: Clock }): LoginThrottle {
  const { throttles, clock } = deps;
  const rulesOf = (login: string, address: string): { place: Throttle; from: Throttle; name: Throttle } => {
    const name = foldLogin(login);
    return {
      place: {
        name: `login place ${placeOf(address)} ${name}`,
        limit: PLACE_LIMIT,
        windowSeconds: PLACE_WINDOW_SECONDS,
      },
      from: { name: `login from ${placeOf(address)}`, limit: ADDRESS_LIMIT, windowSeconds: PLACE_WINDOW_SECONDS },
      name: { name: `login name ${name}`, limit: NAME_LIMIT, windowSeconds: NAME_WINDOW_SECONDS },
    };
  };
  return {
    async take(login, address) {
      const now = clock();
      const { place, from, name } = rulesOf(login, address);
      // One after the other: whoever is locked out at one address uses up nothing of the name's.
      const atPlace = await throttles.take({ ...place, now });
      if (!atPlace.allowed) return atPlace;
      const byAddress = await throttles.take({ ...from, now });
      const verdict = byAddress.allowed ? await throttles.take({ ...name, now }) : byAddress;
      if (verdict.allowed || (await throttles.remembers(place.name, now))) {
        return { allowed: true, retryAfterSeconds: 0 };
      }
      return verdict;
    },
    async succeed(login, address, owner) {
      const now = clock();
      const { place, from, name } = rulesOf(login, address);
      const names = [login, owner?.username ?? login, owner?.email ?? login];
      const places = new Set(names.map((one) => rulesOf(one, address).place.name));
      await Promise.all([
        throttles.clear({ ...place, now }),
        throttles.giveBack({ ...from, now }),
        throttles.giveBack({ ...name, now }),
        ...[...places].map((known) => throttles.remember(known, now + KNOWN_MS)),
      ]);
    },
  };
}
