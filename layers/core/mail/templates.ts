import type { Language } from './language.ts';
import type { Mail, MailKind } from './mailer.ts';

/*
 * Every mail that Sluice sends, in each language, as plain text and as simple HTML of the same words. A mail is a few
 * paragraphs and at most one link.
 */

type Content = Pick<Mail, 'kind' | 'subject' | 'text' | 'html'>;

interface Words {
  subject: string;
  paragraphs: readonly string[];
  /** What the link's button says. */
  action?: string;
  after?: readonly string[];
}

interface Link {
  url: string;
}

/** Asks somebody to show that an address is theirs. */
export function verificationMail(facts: { username: string; url: string; language: Language; hours: number }): Content {
  const { username, hours } = facts;
  const words: Record<Language, Words> = {
    en: {
      subject: 'Confirm your e-mail address',
      paragraphs: [`Hello ${username},`, 'please confirm that this e-mail address is yours:'],
      action: 'Confirm the address',
      after: [
        `The link works once and for ${hours} hours. Until then you can sign in, but your API keys are refused.`,
        'If you did not ask for this, ignore this mail.',
      ],
    },
    zh: {
      subject: '请验证您的邮箱地址',
      paragraphs: [`${username}，您好：`, '请确认此邮箱地址属于您：'],
      action: '验证邮箱',
      after: [
        `链接仅可使用一次，${hours} 小时内有效。验证之前您可以登录，但 API 密钥会被拒绝。`,
        '如果这不是您本人的操作，请忽略此邮件。',
      ],
    },
  };
  return compose('verification', facts.language, words[facts.language], facts);
}

/** The address is confirmed. */
export function welcomeMail(facts: { username: string; url: string; language: Language }): Content {
  const words: Record<Language, Words> = {
    en: {
      subject: 'Welcome to Sluice',
      paragraphs: [`Hello ${facts.username},`, 'your e-mail address is confirmed and your account is ready.'],
      action: 'Open the console',
      after: ['There you make API keys and see your usage.'],
    },
    zh: {
      subject: '欢迎使用 Sluice',
      paragraphs: [`${facts.username}，您好：`, '您的邮箱已验证，账户已就绪。'],
      action: '打开控制台',
      after: ['您可以在控制台创建 API 密钥并查看用量。'],
    },
  };
  return compose('welcome', facts.language, words[facts.language], facts);
}

/** An administrator made an account; its owner chooses the password. */
export function invitationMail(facts: { username: string; url: string; language: Language; hours: number }): Content {
  const { username, hours } = facts;
  const words: Record<Language, Words> = {
    en: {
      subject: 'Your account on Sluice',
      paragraphs: ['Hello,', `an account was made for you. Your user name is ${username}. Please choose a password:`],
      action: 'Choose a password',
      after: [`The link works once and for ${hours} hours. Later, use "Forgot password" on the sign-in page.`],
    },
    zh: {
      subject: '您的 Sluice 账户',
      paragraphs: ['您好：', `已为您创建账户，用户名为 ${username}。请设置密码：`],
      action: '设置密码',
      after: [`链接仅可使用一次，${hours} 小时内有效。过期后请在登录页使用“忘记密码”。`],
    },
  };
  return compose('welcome', facts.language, words[facts.language], facts);
}

/** Leads to a new password. */
export function passwordResetMail(facts: {
  username: string;
  url: string;
  language: Language;
  minutes: number;
}): Content {
  const { username, minutes } = facts;
  const words: Record<Language, Words> = {
    en: {
      subject: 'Reset your password',
      paragraphs: [`Hello ${username},`, 'somebody asked for a new password for your account:'],
      action: 'Choose a new password',
      after: [
        `The link works once and for ${minutes} minutes. Using it signs you out everywhere.`,
        'If it was not you, ignore this mail: your password stays as it is.',
      ],
    },
    zh: {
      subject: '重置您的密码',
      paragraphs: [`${username}，您好：`, '有人请求重置您账户的密码：'],
      action: '设置新密码',
      after: [
        `链接仅可使用一次，${minutes} 分钟内有效。重置后您在所有设备上的登录都会失效。`,
        '如果这不是您本人的操作，请忽略此邮件，密码不会改变。',
      ],
    },
  };
  return compose('password-reset', facts.language, words[facts.language], facts);
}

/** Tells the old address that the account left it. */
export function addressChangedMail(facts: { username: string; newAddress: string; language: Language }): Content {
  const { username, newAddress } = facts;
  const words: Record<Language, Words> = {
    en: {
      subject: 'The e-mail address of your account was changed',
      paragraphs: [
        `Hello ${username},`,
        `your account now uses ${newAddress} instead of this address.`,
        'If this was not you, please tell an administrator at once.',
      ],
    },
    zh: {
      subject: '您账户的邮箱地址已更改',
      paragraphs: [
        `${username}，您好：`,
        `您的账户现已改用 ${newAddress}，不再使用此邮箱。`,
        '如果这不是您本人的操作，请立即联系管理员。',
      ],
    },
  };
  return compose('alert', facts.language, words[facts.language], null);
}

/** Something about the gateway itself: a subject, what is known, and where to look. */
export function alertMail(facts: {
  subject: string;
  lines: readonly string[];
  url: string | null;
  language: Language;
}): Content {
  const { subject, lines, url, language } = facts;
  const words = { subject, paragraphs: lines, action: { en: 'Open the console', zh: '打开控制台' }[language] };
  return compose('alert', language, words, url === null ? null : { url });
}

function compose(kind: MailKind, language: Language, words: Words, link: Link | null): Content {
  const { paragraphs, action = '', after = [] } = words;
  const text = [...paragraphs, ...(link ? [link.url] : []), ...after, '— Sluice'].join('\n\n');
  return { kind, subject: oneLine(words.subject), text: `${text}\n`, html: page(language, words, { action, link }) };
}

function page(language: Language, words: Words, { action, link }: { action: string; link: Link | null }): string {
  const paragraph = (line: string): string => `<p>${escapeHtml(line)}</p>`;
  const button = link && `<p><a href="${escapeHtml(link.url)}">${escapeHtml(action)}</a></p>`;
  const plain = link && `<p style="color:#666;font-size:13px;word-break:break-all">${escapeHtml(link.url)}</p>`;
  const parts = [
    ...words.paragraphs.map(paragraph),
    button ?? '',
    plain ?? '',
    ...(words.after ?? []).map(paragraph),
    '<p style="color:#666">— Sluice</p>',
  ];
  const style = 'font-family:system-ui,sans-serif;line-height:1.5;max-width:34em;margin:2em auto;padding:0 1em';
  const body = `<body style="${style}">\n${parts.filter((part) => part !== '').join('\n')}\n</body>`;
  return `<!doctype html>\n<html lang="${language}">\n<meta charset="utf-8">\n${body}\n</html>\n`;
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ');
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
