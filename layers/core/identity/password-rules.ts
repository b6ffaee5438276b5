import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { foldLogin } from './fold-login.ts';
import type { User } from './store.ts';

/** Longer than any phrase; more would only be work for scrypt. */
export const MAX_PASSWORD_LENGTH = 256;

/**
 * Length decides, not kinds of characters (NIST SP 800-63B §5.1.1.2); a password that is the name says nothing.
 * @throws GatewayError `invalid_field`
 */
export function assertPassword(
  password: string,
  rules: { minPasswordLength: number; user: Pick<User, 'username' | 'email'>; param?: string },
): void {
  const { minPasswordLength: min, user, param = 'password' } = rules;
  // People count characters, not UTF-16 units.
  const length = [...password].length;
  if (length < min || length > MAX_PASSWORD_LENGTH) {
    throw new GatewayError('invalid_field', {
      message: `A password has ${min} to ${MAX_PASSWORD_LENGTH} characters.`,
      param,
    });
  }
  if ([user.username, user.email ?? ''].map(foldLogin).includes(foldLogin(password))) {
    throw new GatewayError('invalid_field', { message: 'The password must not be the name of the account.', param });
  }
}
