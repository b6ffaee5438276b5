import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { sniffMedia } from '../../../layers/core/media/sniff.ts';

const text = (value: string): Buffer => Buffer.from(value, 'latin1');

describe('a medium is what its bytes say', () => {
  test.each([
    ['image/png', text('\x89PNG\r\n\x1a\n\0\0\0\rIHDR')],
    ['image/jpeg', text('\xff\xd8\xff\xe0\0\x10JFIF')],
    ['image/webp', text('RIFF\x10\0\0\0WEBPVP8 ')],
    ['image/gif', text('GIF89a\x01\0')],
    ['image/avif', text('\0\0\0\x20ftypavif')],
    ['video/mp4', text('\0\0\0\x20ftypisom')],
    ['video/mp4', text('\0\0\0\x1cftypmp42')],
    ['video/quicktime', text('\0\0\0\x14ftypqt  ')],
    ['video/webm', text('\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x86\x81\x01B\x82\x84webm')],
    ['video/x-msvideo', text('RIFF\x10\0\0\0AVI LIST')],
  ])('%s', (contentType, bytes) => {
    expect(sniffMedia(bytes)?.contentType).toBe(contentType);
  });

  test.each([
    ['a page', '<!doctype html><script>alert(1)</script>'],
    ['a drawing in which scripts run', '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>'],
    ['a drawing without a declaration', '<svg onload="x()"/>'],
    ['a document', '%PDF-1.7'],
    ['a matroska file', '\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x23B\x82\x88matroska'],
    ['nothing', ''],
    ['half a head', '\x89PN'],
  ])('and is shown as nothing else: %s', (_name, bytes) => {
    expect(sniffMedia(text(bytes))).toBeNull();
  });

  test('and no bytes make it fail', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        sniffMedia(bytes);
      }),
    );
  });
});
