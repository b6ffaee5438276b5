/** The mails that accounts cause, as the rules ask for them; `core/mail/account-mails.ts` writes and sends them. */

export type AccountMailKind = 'verification' | 'welcome' | 'invitation' | 'password-reset' | 'address-changed';

/** How the person at the other end is reached: from where the request came, and in which language. */
export interface MailContext {
  /** `https://gateway.example.com`; null when the request did not say. */
  publicUrl: string | null;
  language: 'en' | 'zh';
}

export interface AccountMail extends MailContext {
  kind: AccountMailKind;
  /** Null: the same work for nobody. */
  to: string | null;
  username: string;
  /** Of the link. */
  token?: string | undefined;
  /** How long the link works. */
  lifeMs?: number | undefined;
  newAddress?: string | undefined;
}

export interface AccountMails {
  /** Never throws: no flow fails for a mail that cannot be sent. */
  send(mail: AccountMail): Promise<'sent' | 'failed' | 'off'>;
}
