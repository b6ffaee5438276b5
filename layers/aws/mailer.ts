import type { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import type { Mail, Mailer } from '@sluice/core/mail/mailer';
import type { Logger } from '@sluice/kit/log/logger';
import type { AwsSettings } from './env.ts';

/** Somebody waits for the answer of the request that the mail belongs to. */
const LONGEST_MS = 5_000;

interface Ses {
  client: SESv2Client;
  Send: typeof SendEmailCommand;
}

/**
 * Mail through SES (https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html). The SDK is loaded at
 * the first mail: few requests send one.
 * @param options.sender the address that mails come from; null: this deployment sends none
 */
export function createMailer(options: { aws: AwsSettings; sender: string | null; log: Logger }): Mailer {
  const { aws, sender, log } = options;
  let loaded: Promise<Ses> | undefined;
  return {
    async send(mail) {
      if (sender === null) return 'off';
      try {
        loaded ??= load(aws);
        const { client, Send } = await loaded;
        await client.send(new Send(requestOf(mail, sender)), { abortSignal: AbortSignal.timeout(LONGEST_MS) });
        return 'sent';
      } catch (error) {
        // SES repeats addresses in its messages, so only the error's name is told.
        log.error('mail_failed', { kind: mail.kind, error: error instanceof Error ? error.name : 'unknown' });
        return 'failed';
      }
    },
  };
}

async function load(aws: AwsSettings): Promise<Ses> {
  const { SESv2Client: Client, SendEmailCommand: Send } = await import('@aws-sdk/client-sesv2');
  const client = new Client({
    region: aws.region,
    ...(aws.endpoints.sesv2 && { endpoint: aws.endpoints.sesv2 }),
    credentials: async () => {
      const { sessionToken, ...keys } = aws.credentials();
      return { ...keys, ...(sessionToken && { sessionToken }), expiration: new Date(Date.now() + 300_000) };
    },
    maxAttempts: 2,
  });
  return { client, Send };
}

function requestOf(mail: Mail, sender: string): ConstructorParameters<typeof SendEmailCommand>[0] {
  const part = (text: string) => ({ Data: text, Charset: 'UTF-8' });
  return {
    FromEmailAddress: sender,
    Destination: { ToAddresses: [mail.to] },
    Content: {
      Simple: { Subject: part(mail.subject), Body: { Text: part(mail.text), Html: part(mail.html) } },
    },
  };
}
