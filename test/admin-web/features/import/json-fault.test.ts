import * as fc from 'fast-check';
import { findJsonFault } from '../../../../admin-web/src/features/import/json-fault.ts';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('the place where a text stops being JSON', () => {
  it.each([
    ['', 0],
    ['  ', 2],
    ['{"a": 1,}', 8],
    ['[1, 2', 5],
    ['[1 2]', 3],
    ['{"a" 1}', 5],
    ['{a: 1}', 1],
    ["{'a': 1}", 1],
    ['[1}', 2],
    ['01', 1],
    ['{"a": "b\nc"}', 6],
    ['{} {}', 3],
    ['[tru]', 1],
  ])('of %j is %i', (text, offset) => {
    expect(findJsonFault(text)).toBe(offset);
  });

  it('is nowhere in whatever JSON.stringify writes', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => findJsonFault(JSON.stringify(value, null, 2)) === null));
  });

  it('exists exactly where the engine refuses, for documents with one character changed', () => {
    const damaged = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', ':', '{', '}', '[', ']', '"', '\\', '0', '.', '-', 'e', ' '))
      .map(([text, at, character]) => {
        const offset = at % (text.length + 1);
        return text.slice(0, offset) + character + text.slice(offset + 1);
      });
    fc.assert(
      fc.property(damaged, (text) => {
        expect([text, findJsonFault(text) === null]).toEqual([text, isJson(text)]);
      }),
      { numRuns: 3000 },
    );
  });
});
