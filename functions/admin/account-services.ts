import { createOwnProfile, type OwnProfile } from '@sluice/core/identity/own-profile';
import { createPasswordReset, type PasswordReset } from '@sluice/core/identity/password-reset';
import { createRegistration, type Registration } from '@sluice/core/identity/registration';
import { createUserAdministration, type UserAdministration } from '@sluice/core/identity/user-administration';
import type { Users } from '@sluice/core/identity/users';
import { createAccountMails } from '@sluice/core/mail/account-mails';
import type { AdminPorts } from './services.ts';

/** What people do with accounts: their own, and those that they administer. */
export interface AccountServices {
  registration: Registration;
  passwordReset: PasswordReset;
  profile: OwnProfile;
  userAdministration: UserAdministration;
}

export function createAccountServices(ports: AdminPorts, users: Users): AccountServices {
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
