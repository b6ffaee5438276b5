/** Mail as the rest of the core knows it; `layers/aws/mailer.ts` sends it through SES. */

export type MailKind = 'verification' | 'welcome' | 'password-reset' | 'alert';

export interface Mail {
  kind: MailKind;
  /** One address. */
  to: string;
  subject: string;
  text: string;
  html: string;
}

export interface Mailer {
  /**
   * Never throws: no flow fails for a mail that cannot be sent. `off`: this deployment has no sender address.
   * What went wrong is in the log, without the address and the text.
   */
  send(mail: Mail): Promise<'sent' | 'failed' | 'off'>;
}
