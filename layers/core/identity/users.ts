import { createPrefixedId } from '@sluice/kit/ids/prefixed-id';
import type { Clock } from '@sluice/kit/time/clock';
import { hashPassword, SCRYPT_PARAMETERS, verifyPassword, type ScryptParameters } from './password.ts';
import type { IdentityStore, User } from './store.ts';

/** In the configuration document and in `?owner=`, this word is the bootstrap administrator, whatever its user name. */
export const BOOTSTRAP_OWNER = 'admin';

/** An id that no user has. */
const NOBODY = 'usr_nobody';

export interface BootstrapAdministrator {
  username: string;
  password: string;
}

type LoginOutcome =
  { outcome: 'accepted'; user: User } | { outcome: 'wrong-credentials' } | { outcome: 'account-disabled' };

export interface Users {
  /** @param login user name or e-mail address */
  logIn(login: string, password: string): Promise<LoginOutcome>;
  /** By user name or e-mail address; `admin` is the bootstrap administrator. */
  findByName(name: string): Promise<User | null>;
  hasPassword(user: Pick<User, 'passwordHash'>, password: string): Promise<boolean>;
  hashPassword(password: string): Promise<string>;
}

interface UsersDeps {
  store: Pick<IdentityStore, 'findUserByLogin' | 'findUserById' | 'createUser'>;
  /** The secret made at deployment. */
  readBootstrap: () => Promise<BootstrapAdministrator>;
  clock: Clock;
  scrypt?: ScryptParameters | undefined;
}

export function createUsers(deps: UsersDeps): Users {
  const scrypt = deps.scrypt ?? SCRYPT_PARAMETERS;

  /** The first administrator comes into being when somebody first uses its name; of two at once, one makes it. */
  const findOrBootstrap = async (login: string): Promise<User | null> => {
    const found = await deps.store.findUserByLogin(login);
    if (found) return found;
    const bootstrap = await deps.readBootstrap();
    if (login.toLowerCase() !== bootstrap.username.toLowerCase()) return null;
    const user = await administratorOf(bootstrap, deps.clock(), scrypt);
    return (await deps.store.createUser(user)) === 'created' ? user : deps.store.findUserByLogin(login);
  };

  return {
    async logIn(login, password) {
      // Nobody's name costs what somebody's does: a second read, and scrypt.
      const user = (await findOrBootstrap(login)) ?? (await deps.store.findUserById(NOBODY));
      const matches = await verifyPassword({ password, hash: user?.passwordHash ?? null }, scrypt);
      if (!user || !matches) return { outcome: 'wrong-credentials' };
      return user.enabled ? { outcome: 'accepted', user } : { outcome: 'account-disabled' };
    },
    hasPassword: ({ passwordHash: hash }, password) => verifyPassword({ password, hash }, scrypt),
    hashPassword: (password) => hashPassword(password, scrypt),
    async findByName(name) {
      return findOrBootstrap(name === BOOTSTRAP_OWNER ? (await deps.readBootstrap()).username : name);
    },
  };
}

async function administratorOf(
  bootstrap: BootstrapAdministrator,
  now: number,
  scrypt: ScryptParameters,
): Promise<User> {
  return {
    id: createPrefixedId('usr'),
    username: bootstrap.username,
    email: null,
    role: 'super_admin',
    passwordHash: await hashPassword(bootstrap.password, scrypt),
    enabled: true,
    silenced: false,
    emailVerified: true,
    validAfter: 0,
    trustLevel: 0,
    mustChangePassword: true,
    createdAt: now,
  };
}
