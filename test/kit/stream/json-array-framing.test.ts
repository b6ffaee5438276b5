import fc from 'fast-check';
import { createJsonArrayFramer } from '@sluice/kit/stream/json-array-framing';

function through(text: string | Buffer, sizes: readonly number[] = [Infinity]) {
  const bytes = Buffer.from(text as string);
  const framer = createJsonArrayFramer();
  const elements: string[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = Math.min(sizes[turn % sizes.length] ?? 1, bytes.length);
    elements.push(...framer.push(bytes.subarray(at, at + size)).map(String));
    at += size;
  }
  return { elements, ended: framer.ended, rest: framer.rest()?.toString() ?? null };
}

describe('the elements of a JSON array', () => {
  test('are those that were written, however the bytes are cut', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 });
    const blank = fc.constantFrom('', ' ', '\n', '\r\n  ');
    fc.assert(
      fc.property(fc.array(fc.json(), { maxLength: 6 }), sizes, blank, (values, cuts, space) => {
        const text = `${space}[${space}${values.join(`${space},${space}`)}${space}]${space}`;
        expect(through(text, cuts)).toEqual({ elements: values, ended: true, rest: null });
      }),
    );
  });

  test('come as soon as they are whole', () => {
    expect(through('[{"a":"]},\\""},{"b":1')).toEqual({ elements: ['{"a":"]},\\""}'], ended: false, rest: '{"b":1' });
  });

  test('are none in what follows the array', () => {
    expect(through('[1] [2]').elements).toEqual(['1']);
  });

  test('may follow a byte order mark', () => {
    expect(through('\ufeff[1]').elements).toEqual(['1']);
  });

  test('are not looked for in what is no array', () => {
    expect(() => through('{"error":1}')).toThrow(SyntaxError);
  });

  test('are bounded', () => {
    const framer = createJsonArrayFramer({ maxElementBytes: 10 });
    framer.push(Buffer.from('["1234'));
    expect(() => framer.push(Buffer.from('567890"'))).toThrow(RangeError);
  });
});
