import { LANGUAGES, preferredLanguage } from '../../../layers/core/mail/language.ts';
import { createAccountMails } from '../../../layers/core/mail/account-mails.ts';
import type { AccountMail, AccountMailKind } from '../../../layers/core/identity/account-mails.ts';
import { createMemoryMailer } from '../../support/memory-mailer.ts';

const KINDS: AccountMailKind[] = ['verification', 'welcome', 'invitation', 'password-reset', 'address-changed'];
const EVIL = `<img src=x onerror="alert('1')"> & co`;

async function write(change: Partial<AccountMail>) {
  const mailer = createMemoryMailer();
  const log: string[] = [];
  const mails = createAccountMails({ mailer, log: { error: (event) => void log.push(event) } });
  const outcome = await mails.send({
    kind: 'verification',
    to: 'jo@example.com',
    username: 'jo',
    token: 'token-of-the-link',
    lifeMs: 3_600_000,
    newAddress: 'new@example.com',
    publicUrl: 'https://gateway.example.com',
    language: 'en',
    ...change,
  });
  return { outcome, mail: mailer.calls[0], log };
}

describe.each(KINDS)('a mail of kind %s', (kind) => {
  it.each(LANGUAGES)('is complete in %s: one line of subject, the same words as text and as HTML', async (language) => {
    const { mail } = await write({ kind, language });
    expect(mail?.subject).toMatch(/^[^\r\n]{5,80}$/);
    expect(/[\u4e00-\u9fff]/.test(mail?.subject ?? '')).toBe(language === 'zh');
    for (const line of (mail?.text ?? '').split('\n').filter((text) => text !== '')) {
      expect(mail?.html).toContain(line.replaceAll('"', '&quot;').replaceAll("'", '&#39;'));
    }
    expect(mail?.text + (mail?.html ?? '')).not.toMatch(/undefined|null|NaN|\[object/);
  });

  it('shows names as text, never as markup', async () => {
    const { mail } = await write({ kind, username: EVIL, newAddress: EVIL });
    expect(mail?.html).not.toContain('<img');
    expect(mail?.html).toContain('<html lang="en">');
  });

  it('is not sent where it would lead nowhere', async () => {
    const { outcome, mail, log } = await write({ kind, publicUrl: null });
    expect([outcome, mail, log]).toEqual(['failed', undefined, ['mail_without_address']]);
  });
});

it.each([
  ['verification', '/verify-email?token=token-of-the-link', 24, '24 hours'],
  ['invitation', '/reset-password?token=token-of-the-link', 72, '72 hours'],
  ['password-reset', '/reset-password?token=token-of-the-link', 1, '60 minutes'],
] as const)(
  'a mail of kind %s has its link %s once in the text, and says that it works for %i hours',
  async (kind, path, hours, life) => {
    const { mail } = await write({ kind, lifeMs: hours * 3_600_000 });
    expect(mail?.text.split(`https://gateway.example.com${path}`)).toHaveLength(2);
    expect(mail?.html).toContain(`href="https://gateway.example.com${path}"`);
    expect(mail?.text).toContain(life);
  },
);

it.each([
  [undefined, 'en'],
  ['', 'en'],
  ['zh', 'zh'],
  ['zh-Hant-TW,zh;q=0.9,en;q=0.8', 'zh'],
  ['en-GB,en;q=0.9,zh;q=0.8', 'en'],
  ['fr, de;q=0.9', 'en'],
  ['fr, zh;q=0.1', 'zh'],
  ['zh;q=0', 'en'],
  ['en;q=0.2, zh-CN;q=0.7', 'zh'],
  ['zhx', 'en'],
  ['ZH-cn', 'zh'],
  [';;;,,,q=1', 'en'],
])('a browser that says %j reads %s', (header, language) => {
  expect(preferredLanguage(header)).toBe(language);
});
