import type { Account } from './api/accounts.ts';

/** How a credential stands, for its owner: the most telling of all that could be said. */
export type Standing = 'offByOperator' | 'signInAgain' | 'invalid' | 'off' | 'usedUp' | 'resting' | 'untried' | 'ready';

export const STANDING_COLORS: Readonly<Record<Standing, string>> = {
  offByOperator: 'red',
  signInAgain: 'red',
  invalid: 'red',
  off: 'gray',
  usedUp: 'orange',
  resting: 'yellow',
  untried: 'blue',
  ready: 'green',
};

export function standingOf(
  account: Pick<Account, 'state' | 'status' | 'disabled_by_operator' | 'need_refresh' | 'exhausted'>,
): Standing {
  if (account.disabled_by_operator) return 'offByOperator';
  if (account.need_refresh) return 'signInAgain';
  if (account.state === 'invalid') return 'invalid';
  if (account.status === 0 || account.state === 'disabled') return 'off';
  if (account.exhausted || account.state === 'exhausted') return 'usedUp';
  if (account.state === 'cooling') return 'resting';
  return account.state === 'unknown' ? 'untried' : 'ready';
}
