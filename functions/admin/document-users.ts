import type { CatalogStore } from '@sluice/core/catalog/store';
import type { UserPlanDeps } from '@sluice/core/catalog/plan-users';
import type { UserEntry } from '@sluice/core/catalog/configuration-types';
import type { AccountStore } from '@sluice/core/identity/account-store';
import { changeUser } from '@sluice/core/identity/change-user';
import { foldLogin } from '@sluice/core/identity/fold-login';
import { assertPassword } from '@sluice/core/identity/password-rules';
import { nextValidAfter } from '@sluice/core/identity/session-store';
import type { IdentityStore, User } from '@sluice/core/identity/store';
import { assertUsername } from '@sluice/core/identity/user-names';
import type { BootstrapAdministrator, Users } from '@sluice/core/identity/users';
import { isGatewayError } from '@sluice/kit/errors/gateway-error';
import type { Clock } from '@sluice/kit/time/clock';

interface DocumentUserPorts {
  accountStore: AccountStore;
  identity: Pick<IdentityStore, 'findUserById'>;
  catalog: Pick<CatalogStore, 'readSettings'>;
  secrets: { bootstrapAdmin: () => Promise<BootstrapAdministrator> };
  clock: Clock;
}

/** How a configuration document makes and changes users: by the rules of the pages that do so one by one. */
export function createDocumentUsers(
  ports: DocumentUserPorts,
  users: Users,
): Omit<UserPlanDeps, 'identity' | 'now' | 'findUser'> {
  return {
    foldName: foldLogin,
    hasPassword: users.hasPassword,
    hashPassword: users.hashPassword,
    judgeUser: (entry, stored) => judgeUser(ports, entry, stored),
    async changeUser(userId, change) {
      const deps = { accounts: ports.accountStore, identity: ports.identity };
      await changeUser(deps, userId, (user) => {
        // Whoever is shut out, or has another password, signs in again.
        const ends = (change.enabled === false && user.enabled) || change.passwordHash !== undefined;
        return { change: { ...change, ...(ends && { validAfter: nextValidAfter(user, ports.clock()) }) } };
      });
    },
  };
}

async function judgeUser(
  ports: DocumentUserPorts,
  entry: UserEntry,
  stored: User | null,
): Promise<{ field: string; message: string }[]> {
  const { username: bootstrapName } = await ports.secrets.bootstrapAdmin();
  const { minPasswordLength } = await ports.catalog.readSettings();
  const { username, email = stored?.email ?? null, password } = entry;
  const faults = [
    stored ? null : faultOf('username', () => assertUsername(username, bootstrapName)),
    password === undefined
      ? null
      : faultOf('password', () => assertPassword(password, { minPasswordLength, user: { username, email } })),
  ].filter((fault) => fault !== null);
  const isFirst = stored !== null && foldLogin(stored.username) === foldLogin(bootstrapName);
  if (stored === null || (stored.role !== 'super_admin' && !isFirst)) return faults;
  // Whatever else a document does, somebody must be able to undo it; the pages take such rights one by one.
  const isLessened = (entry.role ?? stored.role) !== stored.role || (entry.enabled === false && stored.enabled);
  const who = isFirst ? 'the first administrator' : 'a super administrator';
  return isLessened
    ? [...faults, { field: 'username', message: `A document does not take rights from ${who}` }]
    : faults;
}

function faultOf(field: string, assert: () => void): { field: string; message: string } | null {
  try {
    assert();
    return null;
  } catch (thrown) {
    if (!isGatewayError(thrown)) throw thrown;
    return { field, message: thrown.message };
  }
}
