import { credentialChange } from '@sluice/contract/credentials';
import type { CredentialChange } from './api/change-credential.ts';
import type { Way } from './vendors.ts';

/** What a credential is presented with, as it is typed. */
export interface SecretValues {
  secret: string;
  refreshToken: string;
  /** Of kind `aws_role`; empty: the address of the upstream names it. */
  region: string;
  headers: { name: string; value: string }[];
}

export const NO_SECRET: SecretValues = {
  secret: '',
  refreshToken: '',
  region: '',
  headers: [{ name: '', value: '' }],
};

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
/** The gateway's own to set. */
const RESERVED = new Set([
  'host',
  'content-length',
  'connection',
  'transfer-encoding',
  'content-type',
  'accept-encoding',
]);
const REGION = /^[a-z]{2,}(?:-[a-z]+)+-\d+$/;

/** The members of the call that carry the secret, for this way of having one. */
export function secretInput(way: Way, values: SecretValues): CredentialChange {
  if (way === 'api_key') return { secret: values.secret.trim() };
  if (way === 'refresh_token') return { refreshToken: values.refreshToken.trim() };
  if (way === 'aws_role') return values.region.trim() === '' ? {} : { secret: values.region.trim() };
  if (way === 'headers') {
    const given = values.headers.filter(({ name, value }) => name.trim() !== '' || value !== '');
    return { headers: Object.fromEntries(given.map(({ name, value }) => [name.trim(), value.trim()])) };
  }
  return {};
}

/** The field that is not as it should be; null: all is well. */
export function secretFault(way: Way, values: SecretValues): keyof SecretValues | null {
  const input = secretInput(way, values);
  if (way === 'aws_role') return input.secret === undefined || REGION.test(input.secret) ? null : 'region';
  if (way === 'headers') return areHeaders(values.headers) ? null : 'headers';
  const parsed = credentialChange.safeParse(input);
  if (parsed.success) return null;
  return way === 'refresh_token' ? 'refreshToken' : 'secret';
}

function areHeaders(headers: SecretValues['headers']): boolean {
  const given = headers.filter(({ name, value }) => name.trim() !== '' || value !== '');
  const names = given.map(({ name }) => name.trim().toLowerCase());
  return (
    given.length > 0 &&
    new Set(names).size === names.length &&
    names.every((name) => HEADER_NAME.test(name) && !RESERVED.has(name)) &&
    given.every(({ value }) => value.trim() !== '' && value.length <= 8_192)
  );
}
