import * as fc from 'fast-check';
import { JsonSyntaxError } from '@sluice/kit/json/json-syntax-error';
import { findMember, readMember, scanObject, spliceMembers } from '@sluice/kit/json/members';

function scanText(text: string) {
  return scanObject(Buffer.from(text));
}

function splice(text: string, edits: { key: string; json: string }[]): string {
  const body = Buffer.from(text);
  return spliceMembers(body, scanObject(body), edits).toString();
}

/** JSON text with odd but legal spacing and escapes. */
const jsonText = fc
  .tuple(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { noNullPrototype: true }), fc.nat({ max: 3 }))
  .map(([value, indent]) => JSON.stringify(value, null, indent));

describe('finding the members of a JSON object', () => {
  it('agrees with JSON.parse on every object: keys, values, order', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const body = Buffer.from(text);
        const scan = scanObject(body);
        // What JSON.parse cannot tell apart after parsing is compared by its own text.
        const expected = Object.entries(JSON.parse(text) as object);
        const byKey = new Map(scan.members.map((member) => [member.key, readMember(body, scan, member.key)]));
        expect(new Map(expected)).toEqual(byKey);
      }),
    );
  });

  it('accepts a text if and only if JSON.parse accepts it as an object', () => {
    const mutated = fc.tuple(
      jsonText,
      fc.nat(),
      fc.constantFrom('', '"', '{', '}', '[', ']', ',', ':', '\\', '0', '-', 'e', '.', 'n', '\t', '\n', '\u0001', 'é'),
      fc.boolean(),
    );
    fc.assert(
      fc.property(mutated, ([text, at, piece, replace]) => {
        const index = at % (text.length + 1);
        const broken = text.slice(0, index) + piece + text.slice(index + (replace ? 1 : 0));
        // A lone half of a surrogate pair does not survive the way into bytes.
        fc.pre(broken.isWellFormed());
        expect(accepts(() => scanText(broken))).toBe(accepts(() => parseObject(broken)));
      }),
      { numRuns: 500 },
    );
  });

  it('resolves escapes in keys and takes the last of two equal keys, as JSON.parse does', () => {
    const body = Buffer.from('{"mod\\u0065l":1,"model":2,"":3}');
    const scan = scanObject(body);
    expect(readMember(body, scan, 'model')).toBe(2);
    expect(readMember(body, scan, '')).toBe(3);
    expect(readMember(body, scan, 'absent')).toBeUndefined();
  });

  it('treats __proto__ and its like as keys among others', () => {
    const body = Buffer.from('{"__proto__":{"model":"evil"},"constructor":1}');
    const scan = scanObject(body);
    expect(findMember(scan, 'model')).toBeUndefined();
    expect(findMember(scan, 'toString')).toBeUndefined();
    expect(scan.members.map(({ key }) => key)).toEqual(['__proto__', 'constructor']);
  });

  it('copes with nesting that would exhaust a stack', () => {
    const depth = 200_000;
    expect(scanText(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`).members).toHaveLength(1);
  });

  it.each([
    ['{"a":1,}', 1, 8],
    ['{"a":1\n "b":2}', 2, 2],
    ['{"é😀": nul}', 1, 11],
    ['{"a":01}', 1, 7],
    ['{"a":"\\x"}', 1, 8],
    ['{"a":1}}', 1, 8],
    ['{"a":[1,{"b":', 1, 14],
    ['', 1, 1],
    ['"text"', 1, 1],
  ])('names line and column of the fault in %j', (text, line, column) => {
    const error = thrownBy(() => scanText(text));
    expect(error).toBeInstanceOf(JsonSyntaxError);
    expect(error).toMatchObject({ line, column });
    expect((error as Error).message).toContain(`line ${line}, column ${column}`);
  });
});

describe('changing members', () => {
  it('changes what is asked and leaves every other byte as it was', () => {
    const text = '{ "big":123456789012345678901234567890, "model" : "a" ,\n"t":1.0e0,"u":"\\u00e9é"}';
    expect(splice(text, [{ key: 'model', json: '"b"' }])).toBe(text.replace('"a"', '"b"'));
  });

  it('changes every occurrence of a key that stands twice', () => {
    expect(splice('{"model":"a","x":1,"model":"b"}', [{ key: 'model', json: '"c"' }])).toBe(
      '{"model":"c","x":1,"model":"c"}',
    );
  });

  it('adds what is missing at the end, to an empty object too', () => {
    const edits = [
      { key: 'a', json: '1' },
      { key: 'b"', json: '[]' },
    ];
    expect(splice('{"x":1 }', edits)).toBe('{"x":1,"a":1,"b\\"":[] }');
    expect(splice(' { } ', edits)).toBe(' {"a":1,"b\\"":[] } ');
  });

  it('gives for any object and any edit what editing the parsed object gives', () => {
    fc.assert(
      fc.property(jsonText, fc.string(), fc.jsonValue(), (text, key, value) => {
        fc.pre(key.isWellFormed() && key !== '__proto__');
        const result = JSON.parse(splice(text, [{ key, json: JSON.stringify(value) }])) as object;
        const expected = JSON.parse(text) as Record<string, unknown>;
        expected[key] = JSON.parse(JSON.stringify(value));
        expect(result).toEqual(expected);
      }),
    );
  });
});

function accepts(read: () => unknown): boolean {
  return thrownBy(read) === null;
}

function parseObject(text: string): void {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('not an object');
}

function thrownBy(read: () => unknown): unknown {
  try {
    read();
    return null;
  } catch (error) {
    return error;
  }
}
