import type { MailContext } from '@sluice/core/identity/account-mails';
import { preferredLanguage } from '@sluice/core/mail/language';
import type { PlainRequest } from '@sluice/kit/http/exchange';
import { publicOriginOf } from '@sluice/kit/http/public-origin';

/** Where links of mails lead, and the language. */
export function mailContextOf({ headers }: Pick<PlainRequest, 'headers'>): MailContext {
  return { publicUrl: publicOriginOf(headers), language: preferredLanguage(headers['accept-language']) };
}
