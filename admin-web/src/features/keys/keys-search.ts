export const STATES = ['active', 'disabled', 'expired'] as const;

/** Which keys the list has. */
export interface KeysFilter {
  /** Everybody's; administrators only. Without it and without an owner: the caller's own. */
  scope?: 'all' | undefined;
  /** Name of a user; administrators only. */
  owner?: string | undefined;
  /** A part of a name, a description or a preview. */
  search?: string | undefined;
  state?: (typeof STATES)[number] | undefined;
}

/** What the address of the page says: filters, the key that is open or being changed, and whether one is being made. */
export interface KeysSearch extends KeysFilter {
  key?: string | undefined;
  edit?: true | undefined;
  create?: true | undefined;
  /** The key whose limits a new one begins with. */
  from?: string | undefined;
}

/** Unknown values are ignored. */
export function readKeysSearch(search: Record<string, unknown>): KeysSearch {
  const { scope, state, edit, create } = search;
  const inState = STATES.find((known) => known === state);
  return {
    ...(scope === 'all' ? { scope } : {}),
    ...textOf(search, 'owner'),
    ...textOf(search, 'search'),
    ...(inState ? { state: inState } : {}),
    ...textOf(search, 'key'),
    ...(edit === true ? { edit } : {}),
    ...(create === true ? { create } : {}),
    ...textOf(search, 'from'),
  };
}

/** A router reads `?search=4` as a number. */
function textOf<Name extends string>(search: Record<string, unknown>, name: Name): { [K in Name]?: string } {
  const value = search[name];
  const isText = (typeof value === 'string' && value !== '') || typeof value === 'number';
  return isText ? ({ [name]: String(value) } as { [K in Name]: string }) : {};
}
