import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { AccountStore, UserChangeRequest } from './account-store.ts';
import { linkUsed } from './mailed-links.ts';
import type { User } from './store.ts';

const MOST_ROUNDS = 5;

interface ChangeDeps {
  accounts: Pick<AccountStore, 'changeUser'>;
  identity: { findUserById(userId: string): Promise<User | null> };
}

/**
 * Reads the user, judges, writes; and all of it again when somebody else changed the user in between.
 * @param judge what becomes of the user as read; it throws what it refuses
 * @param missing the error for a user who is not there
 * @returns the user as stored, before and after
 * @throws GatewayError of the judge, and `not_found`, `conflict`, `link_invalid`, `forbidden`
 */
export async function changeUser(
  deps: ChangeDeps,
  userId: string,
  judge: (user: User) => Omit<UserChangeRequest, 'user'>,
  missing: () => GatewayError = noSuchUser,
): Promise<{ before: User; after: User }> {
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const before = await deps.identity.findUserById(userId);
    if (!before) throw missing();
    const outcome = await deps.accounts.changeUser({ user: before, ...judge(before) });
    if (outcome.outcome === 'changed') return { before, after: outcome.user };
    if (outcome.outcome === 'not-found') throw missing();
    if (outcome.outcome !== 'changed-meanwhile') throw refusalOf(outcome.outcome);
  }
  throw changedMeanwhile();
}

/** The error of an outcome that no repetition mends. */
export function refusalOf(outcome: 'name-taken' | 'not-found' | 'link-used' | 'actor-refused'): GatewayError {
  switch (outcome) {
    case 'name-taken':
      return nameTaken();
    case 'link-used':
      return linkUsed();
    case 'actor-refused':
      return new GatewayError('forbidden', { message: 'Your own role was changed meanwhile.' });
    case 'not-found':
      return noSuchUser();
  }
}

export function changedMeanwhile(): GatewayError {
  return new GatewayError('conflict', {
    message: 'The user was changed by somebody else meanwhile. Please try again.',
  });
}

export function noSuchUser(): GatewayError {
  return new GatewayError('not_found', { message: 'There is no user of this id.' });
}

/** Does not say which of the two it is. */
export function nameTaken(): GatewayError {
  return new GatewayError('conflict', { message: 'This user name or e-mail address is taken.' });
}
