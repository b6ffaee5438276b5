export const KINDS = ['session', 'response'] as const;
export type Kind = (typeof KINDS)[number];

/** What the address of the page says: kind, whose (one's own where nobody is named), and the one that is open. */
export interface ConversationsSearch {
  kind?: Kind | undefined;
  /** User id. */
  owner?: string | undefined;
  /** `<kind>/<id>` */
  open?: string | undefined;
}

export interface ConversationsProps {
  search: ConversationsSearch;
  onSearch: (search: ConversationsSearch) => void;
}

/** Unknown values are ignored. */
export function readConversationsSearch({ kind, owner, open }: Record<string, unknown>): ConversationsSearch {
  const known = KINDS.find((name) => name === kind);
  return {
    ...(known ? { kind: known } : {}),
    ...(typeof owner === 'string' && owner !== '' ? { owner } : {}),
    ...(typeof open === 'string' && /^(?:session|response)\/./.test(open) ? { open } : {}),
  };
}
