import fc from 'fast-check';
import { csvLine } from '../../../layers/kit/text/csv.ts';

describe('a line of CSV', () => {
  it('quotes what holds commas, quotes and line ends, and leaves the rest', () => {
    expect(csvLine(['plain', 'a,b', 'say "x"', 'two\nlines', '', 7, -1.5, true, null])).toBe(
      'plain,"a,b","say ""x""","two\nlines",,7,-1.5,true,\r\n',
    );
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '=HYPERLINK("http://x","y")'])(
    'lets no spreadsheet run %j',
    (formula) => {
      expect(csvLine([formula])).toMatch(/^"?'/);
    },
  );

  it('is read back as it was, whatever the texts', () => {
    const text = fc.string({ unit: 'binary' }).filter((value) => !/^[=+\-@\t\r]/.test(value));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1 }), (values) => {
        expect(readLine(csvLine(values))).toEqual(values);
      }),
    );
  });
});

/** RFC 4180, the other way round. */
function readLine(line: string): string[] {
  const fields: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n$)/y;
  for (;;) {
    const match = field.exec(line);
    if (match === null) throw new Error(`Not CSV at ${field.lastIndex}: ${line}`);
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] !== ',') return fields;
  }
}
