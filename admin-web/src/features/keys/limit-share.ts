interface Use {
  limit: number;
  used: number;
}

/** How much of a limit is used, from 0 to 1; a limit of 0 is used up from the beginning. */
export function shareOf({ limit, used }: Use): number {
  return limit === 0 ? 1 : Math.min(1, used / limit);
}

/** The limit of which most is used; one that blocks on purpose only where there is no other. Null: none is set. */
export function tightest<Known extends Use>(uses: readonly Known[]): Known | null {
  const open = uses.filter(({ limit }) => limit > 0);
  const [first = null, ...rest] = open.length > 0 ? open : uses;
  return rest.reduce((found, use) => (found !== null && shareOf(found) >= shareOf(use) ? found : use), first);
}
