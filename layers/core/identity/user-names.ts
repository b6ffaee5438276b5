import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { foldLogin } from './fold-login.ts';

export const USERNAME_LENGTH = { min: 3, max: 50 } as const;

/** ASCII only: letters of other alphabets that look the same would make two names one to the eye. */
const USERNAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;

/** Names that would pass for the gateway, its operators or a word of its own. */
const RESERVED = new Set(
  [
    'admin administrator root system sysadmin superuser super-admin super_admin superadmin owner operator moderator',
    'staff support help helpdesk info contact security abuse postmaster hostmaster webmaster mailer-daemon noreply',
    'no-reply sluice gateway relay vault console api app www mail null undefined none nobody anonymous guest user users',
    'me self all everyone public test-admin',
  ]
    .join(' ')
    .split(' '),
);

/** What is wrong with a name that somebody wants; null when nothing is. */
export function usernameProblem(username: string): string | null {
  const { min, max } = USERNAME_LENGTH;
  if (username.length < min || username.length > max) return `A user name has ${min} to ${max} characters`;
  if (USERNAME.test(username)) return null;
  return 'A user name is made of letters, digits, dots, dashes and underscores, and begins and ends with a letter or digit';
}

/** @param bootstrapName the first administrator's, who may not have signed in yet */
export function isReservedName(username: string, bootstrapName: string): boolean {
  const folded = foldLogin(username);
  return RESERVED.has(folded) || folded === foldLogin(bootstrapName);
}

/** @throws GatewayError `invalid_field`, `conflict` */
export function assertUsername(username: string, bootstrapName: string): void {
  const problem = usernameProblem(username);
  if (problem !== null) throw new GatewayError('invalid_field', { message: `${problem}.`, param: 'username' });
  if (isReservedName(username, bootstrapName)) {
    throw new GatewayError('conflict', { message: 'This user name is not available.', param: 'username' });
  }
}

/** A name from an address, for whoever chose none: `jo.smith+lists@example.com` is `jo.smith`. */
export function nameFromEmail(email: string, suffix: string): string {
  const local = email.slice(0, email.lastIndexOf('@')).split('+')[0] ?? '';
  const plain = local
    .normalize('NFKC')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '')
    .replaceAll(/^[._-]+|[._-]+$/g, '')
    .slice(0, USERNAME_LENGTH.max - 10)
    .replaceAll(/[._-]+$/g, '');
  const name = plain.length >= USERNAME_LENGTH.min ? plain : `user-${plain || 'x'}`;
  return suffix === '' ? name : `${name}-${suffix}`;
}

/** @throws GatewayError `invalid_field` */
export function assertDomain(email: string, domains: readonly string[]): void {
  const domain = email.slice(email.lastIndexOf('@') + 1).toLowerCase();
  if (domains.length === 0 || domains.includes(domain)) return;
  throw new GatewayError('invalid_field', {
    message: 'E-mail addresses of this domain may not be used here.',
    param: 'email',
  });
}
