import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createAnswerParser, type WholeAnswer } from '../../../layers/kit/http/answer-parser.ts';

const answer = (head: string, body = ''): Buffer => Buffer.from(`${head.replaceAll('\n', '\r\n')}\r\n\r\n${body}`);

/** What comes out when the bytes arrive cut at these places, in memory that is used again each time. */
function parseCut(bytes: Buffer, cuts: readonly number[]): WholeAnswer | null {
  const parser = createAnswerParser();
  const ends = [...new Set([...cuts.filter((cut) => cut < bytes.length), bytes.length])].toSorted((a, b) => a - b);
  let start = 0;
  let whole: WholeAnswer | null = null;
  for (const end of ends) {
    const memory = Buffer.from(bytes.subarray(start, end));
    const parsed = parser.push(memory);
    memory.fill(0);
    start = end;
    if (parsed !== null) {
      expect(end).toBe(bytes.length);
      whole = parsed;
    }
  }
  return whole;
}

const cuts = fc.array(fc.nat(400), { maxLength: 6 });

describe('an answer', () => {
  it('with a length is whole with its last byte, however it was cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), cuts, (text, places) => {
        const length = Buffer.byteLength(text);
        const bytes = answer(`HTTP/1.1 200 OK\nContent-Type: application/json\nCONTENT-LENGTH: ${length}`, text);
        expect(parseCut(bytes, places)).toEqual({ status: 200, text, isKept: true });
      }),
    );
  });

  it('in chunks is put together, trailers left away, however it was cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 })), fc.boolean(), cuts, (pieces, hasTrailer, places) => {
        const chunks = pieces.map((piece) => `${Buffer.byteLength(piece).toString(16)};x=y\r\n${piece}\r\n`).join('');
        const trailer = hasTrailer ? 'x-checked: yes\r\n' : '';
        const bytes = answer('HTTP/1.1 400 Bad Request\nTransfer-Encoding: chunked', `${chunks}0\r\n${trailer}\r\n`);
        expect(parseCut(bytes, places)).toEqual({ status: 400, text: pieces.join(''), isKept: true });
      }),
    );
  });

  it('follows one that only says to continue', () => {
    const bytes = Buffer.concat([answer('HTTP/1.1 100 Continue'), answer('HTTP/1.1 200 OK\nContent-Length: 2', '{}')]);
    expect(parseCut(bytes, [10, 30])).toEqual({ status: 200, text: '{}', isKept: true });
  });

  it.each([
    ['HTTP/1.1 200 OK\nConnection: close\nContent-Length: 0', false],
    ['HTTP/1.1 200 OK\nConnection: keep-alive\nContent-Length: 0', true],
    ['HTTP/1.0 200 OK\nContent-Length: 0', false],
    ['HTTP/1.0 200 OK\nConnection: Keep-Alive\nContent-Length: 0', true],
    ['HTTP/1.1 204 No Content', true],
  ])('says whether its connection may be used again: %s', (head, isKept) => {
    expect(createAnswerParser().push(answer(head))).toMatchObject({ isKept });
  });

  it('with more bytes than it announced ends its connection', () => {
    const bytes = answer('HTTP/1.1 200 OK\nContent-Length: 2', '{}HTTP/1.1 200 OK');
    expect(createAnswerParser().push(bytes)).toEqual({ status: 200, text: '{}', isKept: false });
  });

  it('without a length is whole when the connection ends; half a one is not', () => {
    const parser = createAnswerParser();
    expect(parser.push(answer('HTTP/1.1 502 Bad Gateway', 'oh'))).toBeNull();
    expect(parser.end()).toEqual({ status: 502, text: 'oh', isKept: false });
    const cut = createAnswerParser();
    cut.push(answer('HTTP/1.1 200 OK\nContent-Length: 3', '{}'));
    expect(cut.end()).toBeNull();
    expect(createAnswerParser().end()).toBeNull();
  });

  it('that is no HTTP, or has a head without end, is an error', () => {
    expect(() => createAnswerParser().push(answer('SSH-2.0-OpenSSH'))).toThrow('not HTTP');
    expect(() => createAnswerParser().push(Buffer.alloc(70_000, 'x'))).toThrow('too long');
    expect(() => createAnswerParser().push(answer('HTTP/1.1 200 OK\nTransfer-Encoding: chunked', 'zz\r\n'))).toThrow(
      'no length',
    );
  });
});
