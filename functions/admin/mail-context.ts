import type { MailContext } from '@sluice/core/identity/account-mails';
import { preferredLanguage } from '@sluice/core/mail/language';
import type { PlainRequest } from '@sluice/kit/http/exchange';

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/;
const HOST = /^[a-z0-9.-]+(?::\d{1,5})?$|^\[[0-9a-f:]+\](?::\d{1,5})?$/;

/**
 * Where links of mails lead, and the language. The host is the CDN's word (`x-forwarded-host`, which it overwrites):
 * what a client calls itself never comes into a mail. Everybody but this very machine is served over HTTPS.
 */
export function mailContextOf({ headers }: Pick<PlainRequest, 'headers'>): MailContext {
  const host = (headers['x-forwarded-host'] ?? '').toLowerCase();
  const scheme = LOOPBACK.test(host) ? 'http' : 'https';
  return {
    publicUrl: HOST.test(host) ? `${scheme}://${host}` : null,
    language: preferredLanguage(headers['accept-language']),
  };
}
