import { randomBytes } from 'node:crypto';

/** Crockford's base 32 in capitals: no I, L, O, U, which people take for other characters. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const GROUPS = 4;
const GROUP_CHARACTERS = 5;

/** A prefix is a word of the operator's and adds nothing to what has to be guessed. */
export const CODE_PREFIX = /^[A-Z0-9](?:[A-Z0-9-]{0,22}[A-Z0-9])?$/;

/** `PREFIX-XXXXX-XXXXX-XXXXX-XXXXX`: a hundred random bits. */
export function createCodeText(prefix: string): string {
  const characters = Array.from(randomBytes(GROUPS * GROUP_CHARACTERS), (byte) => ALPHABET.charAt(byte & 31)).join('');
  const groups = Array.from({ length: GROUPS }, (_none, index) =>
    characters.slice(index * GROUP_CHARACTERS, (index + 1) * GROUP_CHARACTERS),
  );
  return [...(prefix === '' ? [] : [prefix]), ...groups].join('-');
}

/** A code as somebody typed it. */
export function normaliseCode(text: string): string {
  return text.trim().toUpperCase();
}

const CODE = /^[A-Z0-9-]{1,64}$/;

/** False for a text that no code can be. */
export function isCodeText(text: string): boolean {
  return CODE.test(text);
}
