import { configurationDocument } from '@sluice/contract/configuration-document';
import { EXAMPLE_DOCUMENT } from '../../../../admin-web/src/features/import/example-document.ts';
import { readDocument } from '../../../../admin-web/src/features/import/read-document.ts';

describe('a pasted document', () => {
  it('is read when it is JSON', () => {
    expect(readDocument(' {"version": 1} ')).toEqual({ ok: true, document: { version: 1 } });
  });

  it('is refused with the line and column of the fault', () => {
    expect(readDocument('{\n  "version": 1,\n  "keys": oops\n}')).toMatchObject({ ok: false, line: 3, column: 11 });
  });

  it('that stops too early is refused at its end', () => {
    expect(readDocument('{\n  "version": 1')).toMatchObject({ ok: false, line: 2, column: 15 });
  });
});

describe('the example document', () => {
  it('is one that the gateway accepts', () => {
    expect(configurationDocument.safeParse(EXAMPLE_DOCUMENT).error).toBeUndefined();
  });
});
