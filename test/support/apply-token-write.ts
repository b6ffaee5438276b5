import type { TokenRow, TokenWrite } from '../../layers/core/credentials/refresh/tokens.ts';

/** What a store makes of a conditional write; null where the row does not stand as the write says. */
export function applyTokenWrite(row: TokenRow, { when, set }: TokenWrite): TokenRow | null {
  const holds = (Object.keys(when) as (keyof typeof when)[]).every((field) => row[field] === when[field]);
  return holds ? { ...row, ...set } : null;
}
