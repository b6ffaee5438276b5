import { NOBODY, type Mail, type Mailer } from '../../layers/core/mail/mailer.ts';

export interface MemoryMailer extends Mailer {
  /** What reached somebody. */
  sent: Mail[];
  /** Every call, those to nobody included. */
  calls: Mail[];
}

export function createMemoryMailer(outcome: () => 'sent' | 'failed' | 'off' = () => 'sent'): MemoryMailer {
  const sent: Mail[] = [];
  const calls: Mail[] = [];
  return {
    sent,
    calls,
    async send(mail) {
      calls.push(mail);
      const happened = outcome();
      if (happened === 'sent' && mail.to !== NOBODY) sent.push(mail);
      return happened;
    },
  };
}
