import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { PlainRequest } from '@sluice/kit/http/exchange';
import { createAddressList } from '@sluice/kit/http/address-list';
import type { ApiKey, User } from '../identity/store.ts';

/** What a call is for: whoever is silenced reads what is theirs and has no model called. */
export type Purpose = 'inference' | 'account';

/** @throws GatewayError `key_disabled`, `key_expired`, `ip_not_allowed` */
export function checkKey(key: ApiKey, { clientAddress }: Pick<PlainRequest, 'clientAddress'>, nowMs: number): void {
  if (!key.enabled) throw new GatewayError('key_disabled', { message: 'This API key is disabled.' });
  if (key.expiresAt !== null && key.expiresAt <= nowMs) {
    throw new GatewayError('key_expired', { message: 'This API key has expired.' });
  }
  const { allowedIps } = key;
  if (allowedIps === undefined || allowedIps.length === 0 || addressesOf(key, allowedIps)(clientAddress)) return;
  const from = clientAddress === '' ? 'an unknown address' : `the address ${clientAddress}`;
  throw new GatewayError('ip_not_allowed', { message: `This API key may not be used from ${from}.` });
}

/** Keys are read anew every few seconds, and their lists with them. */
const compiled = new WeakMap<ApiKey, (address: string) => boolean>();

function addressesOf(key: ApiKey, allowedIps: readonly string[]): (address: string) => boolean {
  let list = compiled.get(key);
  if (list === undefined) compiled.set(key, (list = createAddressList(allowedIps)));
  return list;
}

/** @throws GatewayError `account_disabled`, `email_not_verified`, `account_silenced` */
export function checkUser(user: User, purpose: Purpose): void {
  if (!user.enabled) throw new GatewayError('account_disabled', { message: 'The owner of this API key is disabled.' });
  if (user.email !== null && !user.emailVerified) {
    const message = 'The owner of this API key has not verified the e-mail address yet.';
    throw new GatewayError('email_not_verified', { message });
  }
  if (user.silenced && purpose === 'inference') {
    throw new GatewayError('account_silenced', { message: 'The owner of this API key may not call models now.' });
  }
}

const ANY_MODEL = ['*'];
const NO_LIMITS = {};
const CHANNEL = /^[\w.-]{1,64}$/;
/** How the contract of that header calls the channel that everything belongs to. */
const CHANNEL_OF_ALL = 'antigravity';

/**
 * A token stands for its user, without limits of its own; the user's role has its limits all the same. Its caller may
 * name a channel, as a key has one.
 * @throws GatewayError `invalid_field`
 */
export function keyOfToken(user: User, headers: Readonly<Record<string, string>>): ApiKey {
  const channel = headers['x-api-type']?.trim();
  if (channel && !CHANNEL.test(channel)) {
    const message = 'The header X-Api-Type takes the name of a channel: letters, digits, dots, dashes.';
    throw new GatewayError('invalid_field', { message, param: 'x-api-type' });
  }
  return {
    id: `token-${user.id}`,
    ownerId: user.id,
    name: 'access token',
    digest: '',
    pepperVersion: '',
    preview: '',
    enabled: true,
    expiresAt: null,
    models: ANY_MODEL,
    limits: NO_LIMITS,
    channel: !channel || channel === CHANNEL_OF_ALL ? null : channel,
    createdAt: user.createdAt,
  };
}
