import type { CatalogStore } from '@sluice/core/catalog/store';
import type { AccountStore } from '@sluice/core/identity/account-store';
import { createOwnProfile, type OwnProfile } from '@sluice/core/identity/own-profile';
import { createPasswordReset, type PasswordReset } from '@sluice/core/identity/password-reset';
import { createRegistration, type Registration } from '@sluice/core/identity/registration';
import type { IdentityStore } from '@sluice/core/identity/store';
import type { ThrottleStore } from '@sluice/core/identity/throttle-store';
import { createUserAdministration, type UserAdministration } from '@sluice/core/identity/user-administration';
import type { UserSettingsStore } from '@sluice/core/identity/user-settings';
import type { BootstrapAdministrator, Users } from '@sluice/core/identity/users';
import { createAccountMails } from '@sluice/core/mail/account-mails';
import type { Mailer } from '@sluice/core/mail/mailer';
import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';

interface AccountPorts {
  identity: IdentityStore;
  accountStore: AccountStore;
  userSettings: UserSettingsStore;
  throttles: ThrottleStore;
  catalog: Pick<CatalogStore, 'readSettings'>;
  mailer: Mailer;
  secrets: { bootstrapAdmin: () => Promise<BootstrapAdministrator> };
  clock: Clock;
  log: Logger;
}

/** What people do with accounts: their own, and those that they administer. */
export interface AccountServices {
  registration: Registration;
  passwordReset: PasswordReset;
  profile: OwnProfile;
  userAdministration: UserAdministration;
}

export function createAccountServices(ports: AccountPorts, users: Users): AccountServices {
  const deps = {
    ...ports,
    accounts: ports.accountStore,
    mails: createAccountMails(ports),
    readSettings: () => ports.catalog.readSettings(),
    bootstrapName: async () => (await ports.secrets.bootstrapAdmin()).username,
    hashPassword: users.hashPassword,
  };
  return {
    registration: createRegistration(deps),
    passwordReset: createPasswordReset(deps),
    profile: createOwnProfile(deps),
    userAdministration: createUserAdministration(deps),
  };
}
