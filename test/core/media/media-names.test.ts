import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  createTimedUuid,
  nameGenerated,
  namePresigned,
  nameUploaded,
  timesOf,
} from '../../../layers/core/media/media-names.ts';
import { referenceOf } from '../../../layers/core/media/reference.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const times = fc
  .record({ createdAt: fc.integer({ min: NOW - 1e11, max: NOW + 1e11 }), left: fc.integer({ min: 1, max: 86_400 }) })
  .map(({ createdAt, left }) => ({ createdAt, expiresAt: Math.floor(createdAt / 1_000) + left }));

describe('a name of a medium', () => {
  test('tells when the medium expires and when it was made', () => {
    fc.assert(
      fc.property(times, (given) => {
        expect(timesOf(nameGenerated(given, 'png'))).toEqual(given);
        expect(timesOf(nameUploaded(given, 'webp'))).toEqual(given);
        expect(timesOf(namePresigned(createTimedUuid(given), 'usr_1'))).toEqual(given);
      }),
    );
  });

  test('sorts by expiry, then by making', () => {
    fc.assert(
      fc.property(times, times, (one, other) => {
        for (const name of [nameGenerated, nameUploaded]) {
          const [left, right] = [name(one, 'png'), name(other, 'png')];
          if (one.expiresAt !== other.expiresAt) expect(left < right).toBe(one.expiresAt < other.expiresAt);
          else if (one.createdAt !== other.createdAt) expect(left < right).toBe(one.createdAt < other.createdAt);
        }
      }),
    );
  });

  test('is never the same twice', () => {
    const given = { createdAt: NOW, expiresAt: NOW / 1_000 + 60 };
    const names = Array.from({ length: 2_000 }, () => [nameGenerated(given, 'png'), nameUploaded(given, 'png')]).flat();
    expect(new Set(names).size).toBe(4_000);
  });

  test('is refused by the CDN from the second on that it names, and not before', () => {
    const edge = createContext({});
    runInContext(readFileSync('infra/edge/viewer-request.js', 'utf8'), edge);
    const passes = (key: string, nowMs: number): boolean => {
      const request = JSON.stringify({ method: 'GET', uri: `/${key}`, headers: {}, querystring: {}, cookies: {} });
      const event = `{ request: ${request}, viewer: { ip: '' }, context: { requestId: '' } }`;
      return Boolean(runInContext(`Date.now = () => ${nowMs}; !('statusCode' in handler(${event}))`, edge));
    };
    fc.assert(
      fc.property(times, (given) => {
        for (const key of [nameGenerated(given, 'png'), nameUploaded(given, 'jpg')]) {
          expect(passes(key, given.expiresAt * 1_000 - 1)).toBe(true);
          expect(passes(key, given.expiresAt * 1_000)).toBe(false);
        }
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    'images/1790000000/../secret.png',
    'images/1790000000/short.png',
    'images/upload-0000.png',
    'images/1790000000/0lz1234567890123456789012345.png/x',
    'uploads/1/usr_1',
    '',
  ])('that is not ours tells nothing: %s', (key) => {
    expect(timesOf(key)).toBeNull();
  });
});

describe('a reference', () => {
  const origin = 'https://gateway.example';
  const given = { createdAt: NOW, expiresAt: NOW / 1_000 + 60 };

  test('is an upload, a path of ours, or the whole address of one', () => {
    const upload = `upload://${createTimedUuid(given)}`;
    const path = `/${nameUploaded(given, 'png')}`;
    expect(referenceOf(upload, origin)).toBe(upload);
    expect(referenceOf(path, origin)).toBe(path);
    expect(referenceOf(`${origin}${path}`, origin)).toBe(path);
    expect(referenceOf(`${origin}/${nameGenerated(given, 'png')}`, origin)).not.toBeNull();
  });

  test.each([
    'https://other.example/images/upload-0.png',
    `https://gateway.example.evil/images/1790000000/0lz12345678901234567890123.png`,
    '/images/../admin',
    '/images/1790000000/..%2f0lz1234567890123456789.png',
    'upload://../../x',
    'data:image/png;base64,AAAA',
    '',
  ])('is none of ours: %s', (text) => {
    expect(referenceOf(text, origin)).toBeNull();
  });
});
