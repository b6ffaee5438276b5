import { givenRow, replaceWrite } from '../../layers/core/credentials/refresh/rules.ts';
import {
  type AsideTokens,
  type DueTokens,
  type TokenKey,
  type TokenRow,
  type TokenStore,
} from '../../layers/core/credentials/refresh/tokens.ts';
import type { TokensChange } from '../../layers/core/credentials/store.ts';
import { applyTokenWrite } from './apply-token-write.ts';

export interface MemoryTokenStore extends TokenStore, DueTokens {
  rows: Map<string, TokenRow>;
  aside: AsideTokens[];
  /** Whose refresh tokens are that came by rotation. */
  marks: Map<string, TokenKey>;
  /** What becomes of the tokens when their credential is written. */
  change(key: TokenKey, change: TokensChange): void;
}

/** Tokens in memory; every row counts as that of an enabled credential. */
export function createMemoryTokens(seed: readonly TokenRow[] = []): MemoryTokenStore {
  const rows = new Map(seed.map((row) => [nameOf(row), row]));
  const aside: AsideTokens[] = [];
  const marks = new Map<string, TokenKey>();
  return {
    rows,
    aside,
    marks,
    find: async (key) => structuredClone(rows.get(nameOf(key)) ?? null),
    findMany: async (keys) => structuredClone(keys.flatMap((key) => rows.get(nameOf(key)) ?? [])),
    list: async (upstream) => structuredClone([...rows.values()].filter((row) => row.upstream === upstream)),
    async write(key, write) {
      const row = rows.get(nameOf(key));
      if (row === undefined) return { written: false, row: null };
      const after = applyTokenWrite(row, structuredClone(write));
      if (after === null) return { written: false, row: structuredClone(row) };
      rows.set(nameOf(key), after);
      return { written: true };
    },
    change(key, change) {
      const row = rows.get(nameOf(key));
      if (row === undefined) {
        rows.set(nameOf(key), givenRow(key, change.kind === 'give' ? change : null));
      } else if (change.kind === 'give') {
        const write = replaceWrite(row, change.refreshToken, change.now, change.access);
        rows.set(nameOf(key), applyTokenWrite(row, write) ?? row);
      }
    },
    noteMark: async ({ upstream, credentialId }, mark) => void marks.set(mark, { upstream, credentialId }),
    putAside: async (tokens) => void aside.push(structuredClone(tokens)),
    listAside: async (key) => structuredClone(aside.filter((one) => nameOf(one) === nameOf(key))),
    async removeAside({ attempt }) {
      const index = aside.findIndex((one) => one.attempt === attempt);
      if (index >= 0) aside.splice(index, 1);
    },
    async listDue({ upstream, by, until, limit, after }) {
      const instantOf = ({ dueAt, staleSince }: TokenRow): number => (by === 'due' ? dueAt : staleSince) ?? Infinity;
      const isDue = (row: TokenRow): boolean => (by === 'due' ? instantOf(row) <= until : instantOf(row) < until);
      const placeOf = (row: TokenRow): string =>
        `${String(Math.max(0, instantOf(row))).padStart(15, '0')}\n${row.credentialId}`;
      const found = [...rows.values()]
        .filter(
          (row) => row.upstream === upstream && isDue(row) && (after === null || placeOf(row) > String(after['at'])),
        )
        .toSorted((left, right) => (placeOf(left) < placeOf(right) ? -1 : 1));
      const shown = found.slice(0, limit);
      const last = shown.at(-1);
      return {
        keys: shown.map(({ credentialId }) => ({ upstream, credentialId })),
        after: found.length > limit && last ? { at: placeOf(last) } : null,
      };
    },
  };
}

function nameOf({ upstream, credentialId }: TokenKey): string {
  return `${upstream}\n${credentialId}`;
}
