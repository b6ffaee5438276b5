/**
 * `JSON.parse` that keeps what a JavaScript number would change: integers beyond 2^53, `1.0`, `1e400` stay the text
 * that they were, as `JSON.rawJSON`, which `JSON.stringify` writes out again
 * (https://github.com/tc39/proposal-json-parse-with-source). All other values are plain.
 * @throws SyntaxError
 */
export function parseExact(text: string): unknown {
  // Reviving costs ten times a plain parse, and hardly any body holds such a number.
  if (!MAY_CHANGE.test(text)) return JSON.parse(text);
  return (JSON as unknown as ExactJson).parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source
      ? (JSON as unknown as ExactJson).rawJSON(source)
      : value,
  );
}

/** Sixteen digits, a point among them or not, a fraction that ends in zero or an exponent, outside of anything that only looks like it. */
const MAY_CHANGE = /\d{16}|\d[\d.]{16}|\d\.\d*0(?!\d)|\d[eE][-+]?\d|-0(?![.\d])/;

/** Part of the language since ES2026 and of Node since 21; TypeScript's library does not know it yet. */
interface ExactJson {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
}

/** A number that is kept as its text. */
export function isExactNumber(value: unknown): boolean {
  return (JSON as unknown as ExactJson).isRawJSON(value);
}
