import type { Mail } from '../../../../layers/core/mail/mailer.ts';
import type { Stage } from './admin-stage.ts';

/** The token in the link of the last mail of this kind. */
export function tokenOfMail(stage: Pick<Stage, 'mailer'>, kind: Mail['kind']): string {
  const mail = stage.mailer.sent.findLast((one) => one.kind === kind);
  const token = /\?token=([\w-]+)$/m.exec(mail?.text ?? '')?.[1];
  if (token === undefined) throw new Error(`No mail of kind ${kind} with a link was sent.`);
  return token;
}

/** Kinds and recipients of what was sent, in order. */
export function sentMails(stage: Pick<Stage, 'mailer'>): string[] {
  return stage.mailer.sent.map(({ kind, to }) => `${kind} ${to}`);
}
