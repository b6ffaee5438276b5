/** SES v2 SendEmail into a folder: every mail as a message file for mail readers and as JSON for programs. */

import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OutboxMail } from '../interfaces.ts';
import { awsFailure } from './aws-failure.ts';

interface Part {
  readonly Data?: string;
}

interface SendEmailRequest {
  readonly FromEmailAddress?: string;
  readonly Destination?: { ToAddresses?: string[]; CcAddresses?: string[]; BccAddresses?: string[] };
  readonly ReplyToAddresses?: string[];
  readonly Content?: {
    Simple?: { Subject?: Part; Body?: { Text?: Part; Html?: Part } };
    Raw?: { Data?: string };
    Template?: unknown;
  };
}

const MAX_RECIPIENTS = 50;
/** Takes mail like everybody and gives it to nobody: SES's mailbox simulator. */
const NOBODY = /@simulator\.amazonses\.com$/i;

function encodedWord(textContent: string): string {
  if (/^[\x20-\x7e]*$/.test(textContent)) return textContent;
  return `=?UTF-8?B?${Buffer.from(textContent).toString('base64')}?=`;
}

function bodyPart(type: 'plain' | 'html', content: string): string {
  const lines =
    Buffer.from(content)
      .toString('base64')
      .match(/.{1,76}/g) ?? [];
  return `Content-Type: text/${type}; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${lines.join('\r\n')}\r\n`;
}

/** RFC 5322 with a multipart/alternative body when both forms are there. Bcc stays out, as in a delivered mail. */
function message(mail: OutboxMail): string {
  const parts = [
    ...(mail.text === null ? [] : [bodyPart('plain', mail.text)]),
    ...(mail.html === null ? [] : [bodyPart('html', mail.html)]),
  ];
  const headers = [
    `Message-ID: <${mail.messageId}@local>`,
    `Date: ${new Date(mail.sentAt).toUTCString()}`,
    `From: ${mail.from}`,
    ...(mail.to.length > 0 ? [`To: ${mail.to.join(', ')}`] : []),
    ...(mail.cc.length > 0 ? [`Cc: ${mail.cc.join(', ')}`] : []),
    ...(mail.replyTo.length > 0 ? [`Reply-To: ${mail.replyTo.join(', ')}`] : []),
    `Subject: ${encodedWord(mail.subject)}`,
    'MIME-Version: 1.0',
  ].join('\r\n');
  if (parts.length === 1) return `${headers}\r\n${parts[0]}`;
  const boundary = `part-${mail.messageId}`;
  const body = parts.map((part) => `--${boundary}\r\n${part}`).join('');
  return `${headers}\r\nContent-Type: multipart/alternative; boundary="${boundary}"\r\n\r\n${body}--${boundary}--\r\n`;
}

function badRequest(text: string): Error {
  return awsFailure('BadRequestException', text);
}

function checkAddresses(addresses: readonly string[]): void {
  for (const address of addresses) {
    if (/[\r\n]/.test(address) || !address.includes('@')) throw badRequest(`Illegal address: ${address.trim()}`);
  }
}

function parse(request: SendEmailRequest, messageId: string, sentAt: string): OutboxMail {
  const simple = request.Content?.Simple;
  if (simple === undefined) {
    throw badRequest('This outbox takes simple content (subject, text, html); Raw and Template are not served here.');
  }
  const mail: OutboxMail = {
    messageId,
    sentAt,
    from: request.FromEmailAddress ?? '',
    to: request.Destination?.ToAddresses ?? [],
    cc: request.Destination?.CcAddresses ?? [],
    bcc: request.Destination?.BccAddresses ?? [],
    replyTo: request.ReplyToAddresses ?? [],
    subject: simple.Subject?.Data ?? '',
    text: simple.Body?.Text?.Data ?? null,
    html: simple.Body?.Html?.Data ?? null,
  };
  const recipients = [...mail.to, ...mail.cc, ...mail.bcc];
  if (recipients.length === 0 || recipients.length > MAX_RECIPIENTS) {
    throw badRequest(`A mail has 1 to ${MAX_RECIPIENTS} recipients, this one has ${recipients.length}`);
  }
  checkAddresses([mail.from, ...recipients, ...mail.replyTo]);
  if (mail.text === null && mail.html === null) throw badRequest('Body is empty');
  return mail;
}

/** Answers the message id. Ids begin with the time, so that a folder's order is the order of sending. */
export async function sendToOutbox(request: unknown, directory: string, now: number): Promise<string> {
  const messageId = `${now.toString(16).padStart(12, '0')}-${randomBytes(8).toString('hex')}`;
  const mail = parse(request as SendEmailRequest, messageId, new Date(now).toISOString());
  if ([...mail.to, ...mail.cc, ...mail.bcc].every((address) => NOBODY.test(address))) return messageId;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(join(directory, `${messageId}.eml`), message(mail), { mode: 0o600 });
  await writeFile(join(directory, `${messageId}.json`), `${JSON.stringify(mail, null, 2)}\n`, { mode: 0o600 });
  return messageId;
}
