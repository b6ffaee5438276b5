import type { Logger } from '@sluice/kit/log/logger';
import type { AccountMail, AccountMails } from '../identity/account-mails.ts';
import { NOBODY, type Mail, type Mailer } from './mailer.ts';
import { addressChangedMail, invitationMail, passwordResetMail, verificationMail, welcomeMail } from './templates.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Writes the mails of accounts with links on the public address. */
export function createAccountMails(deps: { mailer: Mailer; log: Pick<Logger, 'error'> }): AccountMails {
  return {
    async send(mail) {
      if (mail.publicUrl === null) {
        deps.log.error('mail_without_address', { kind: mail.kind });
        return 'failed';
      }
      return deps.mailer.send({ ...write(mail, mail.publicUrl), to: mail.to ?? NOBODY });
    },
  };
}

function write(mail: AccountMail, publicUrl: string): Omit<Mail, 'to'> {
  const { username, language, token = '', lifeMs = 0 } = mail;
  const link = (path: string): string => `${publicUrl}${path}?token=${encodeURIComponent(token)}`;
  const hours = Math.round(lifeMs / HOUR_MS);
  switch (mail.kind) {
    case 'verification':
      return verificationMail({ username, language, hours, url: link('/verify-email') });
    case 'welcome':
      return welcomeMail({ username, language, url: `${publicUrl}/` });
    case 'invitation':
      return invitationMail({ username, language, hours, url: link('/reset-password') });
    case 'password-reset':
      return passwordResetMail({
        username,
        language,
        minutes: Math.round(lifeMs / MINUTE_MS),
        url: link('/reset-password'),
      });
    case 'address-changed':
      return addressChangedMail({ username, language, newAddress: mail.newAddress ?? '' });
  }
}
