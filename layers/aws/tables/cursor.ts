import { GatewayError } from '@sluice/kit/errors/gateway-error';

/**
 * Cursors of lists. A cursor carries only what the list shows anyway (an id, a time), never a storage key; the table
 * file builds the key of the next page from it and from whom it asks for, so that a cursor opens nobody else's list.
 */
export function encodeCursor(list: string, position: string): string {
  return Buffer.from(`${list} ${position}`).toString('base64url');
}

/**
 * The position in a cursor, or null for the beginning.
 * @param pattern what a position of this list looks like
 * @throws GatewayError `invalid_field` when it is not a cursor of this list
 */
export function decodeCursor(list: string, cursor: string | null, pattern: RegExp): string | null {
  if (cursor === null) return null;
  const text = Buffer.from(cursor, 'base64url').toString();
  const position = text.slice(list.length + 1);
  if (encodeCursor(list, position) !== cursor || !pattern.test(position)) throw invalidCursor();
  return position;
}

export function invalidCursor(): GatewayError {
  return new GatewayError('invalid_field', { message: 'The cursor is not one of this list.', param: 'cursor' });
}

const LONGEST_PAGE = 1_000;

export function pageLimit(limit: number): number {
  return Math.max(1, Math.min(LONGEST_PAGE, Math.trunc(limit)));
}
