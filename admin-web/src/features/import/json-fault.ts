/**
 * Where a text stops being JSON (RFC 8259). Browsers refuse the same texts, and most no longer say where.
 */

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or close' | 'end';

const SPACE = /[ \t\n\r]*/y;
const PUNCTUATION = /[{}[\],:]/y;
// eslint-disable-next-line no-control-regex -- control characters are what JSON refuses inside a string
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const OTHER_SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** Offset of the first character that no JSON text could have there; null when the whole text is JSON. */
export function findJsonFault(text: string): number | null {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  let offset = 0;
  for (;;) {
    offset += matchAt(SPACE, text, offset).length;
    const token = readToken(text, offset);
    if (token === '') return offset === text.length && expected === 'end' ? null : offset;
    const next = step(expected, token, open);
    if (next === null) return offset;
    expected = next;
    offset += token.length;
  }
}

function readToken(text: string, offset: number): string {
  return (
    matchAt(PUNCTUATION, text, offset) || matchAt(STRING, text, offset) || matchAt(OTHER_SCALAR, text, offset) || ''
  );
}

function matchAt(pattern: RegExp, text: string, offset: number): string {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0] ?? '';
}

/** What may follow `token`, or null when it must not stand here. Keeps `open` in step. */
function step(expected: Expected, token: string, open: ('{' | '[')[]): Expected | null {
  if (token === '}' || token === ']') {
    if (!closes(expected, token, open)) return null;
    open.pop();
    return afterValue(open);
  }
  if (expected === ':') return token === ':' ? 'value' : null;
  if (expected === ', or close') return token === ',' ? (open.at(-1) === '{' ? 'key' : 'value') : null;
  if (expected === 'key' || expected === 'key or }') return token.startsWith('"') ? ':' : null;
  if (expected === 'end' || token === ',' || token === ':') return null;
  if (token !== '{' && token !== '[') return afterValue(open);
  open.push(token);
  return token === '{' ? 'key or }' : 'value or ]';
}

function closes(expected: Expected, token: '}' | ']', open: readonly string[]): boolean {
  if (open.at(-1) !== (token === '}' ? '{' : '[')) return false;
  return expected === ', or close' || expected === (token === '}' ? 'key or }' : 'value or ]');
}

function afterValue(open: readonly string[]): Expected {
  return open.length === 0 ? 'end' : ', or close';
}
