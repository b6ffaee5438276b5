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

/**
 * SES's own address that takes every mail and gives it to nobody, and that is no bounce
 * (https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html#send-email-simulator). What is sent here
 * costs the same work as a mail to somebody.
 */
export const NOBODY = 'success@simulator.amazonses.com';
