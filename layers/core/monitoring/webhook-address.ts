import { createAddressCheck, createAllowedCheck, literalAddress } from '@sluice/kit/http/guarded-address';

/**
 * Whether a webhook may be pointed here: public https, or an address inside of an allowed network. Names are not
 * resolved at this time; what is connected to is checked when it is.
 * @returns null, or the sentence that says what is wrong
 */
export function checkWebhookAddress(text: string, allowedNetworks: readonly string[]): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return 'Expected an address such as https://hooks.example.com/alerts';
  }
  if (url.username !== '' || url.password !== '') return 'The address must not carry a user name or password';
  const host = url.hostname.replace(/\.$/, '');
  const isLoopbackName = host === 'localhost' || host.endsWith('.localhost');
  const addresses = isLoopbackName ? ['127.0.0.1', '::1'] : [literalAddress(host)].filter((one) => one !== null);
  const isAllowed = createAllowedCheck(allowedNetworks);
  if (addresses.some(isAllowed)) return null;
  if (addresses.some((address) => isLoopbackName || !createAddressCheck([])(address))) {
    return 'The address points outside the public Internet and not into settings.allowedWebhookNetworks';
  }
  if (url.protocol === 'https:' || (addresses.length === 0 && allowedNetworks.length > 0)) return null;
  return 'The address must begin with https:// unless it points into settings.allowedWebhookNetworks';
}
