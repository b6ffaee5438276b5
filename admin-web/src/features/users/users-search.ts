export const ROLES = ['user', 'admin', 'super_admin'] as const;
export const STATES = ['disabled', 'silenced', 'unverified'] as const;

/** What the list of users is narrowed to. */
export interface UsersFilter {
  /** The beginning of a name or an e-mail address. */
  search?: string | undefined;
  role?: (typeof ROLES)[number] | undefined;
  state?: (typeof STATES)[number] | undefined;
}

/** What the address of the page says: filters, the user that is open, and whether one is being made. */
export interface UsersSearch extends UsersFilter {
  user?: string | undefined;
  create?: true | undefined;
}

/** Unknown values are ignored. A router reads `?search=4` as a number. */
export function readUsersSearch(search: Record<string, unknown>): UsersSearch {
  const { search: text, role, state, user, create } = search;
  const found = ROLES.find((known) => known === role);
  const inState = STATES.find((known) => known === state);
  return {
    ...(isText(text) ? { search: String(text) } : {}),
    ...(found ? { role: found } : {}),
    ...(inState ? { state: inState } : {}),
    ...(isText(user) ? { user: String(user) } : {}),
    ...(create === true ? { create } : {}),
  };
}

function isText(value: unknown): value is string | number {
  return (typeof value === 'string' && value !== '') || typeof value === 'number';
}
