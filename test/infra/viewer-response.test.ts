import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';

const source = readFileSync('infra/edge/viewer-response.js', 'utf8');
const NOW = 1_790_000_000_250;

/** Headers that a viewer of this path is told, when the object itself was written to be kept for a day. */
function headersAt(uri: string): Record<string, { value: string }> {
  const context = createContext({});
  runInContext(`Date.now = () => ${NOW};\n${source}`, context);
  const headers = {
    'cache-control': { value: 'public, max-age=86400' },
    expires: { value: 'Thu, 01 Jan 2099 00:00:00 GMT' },
    'content-type': { value: 'image/png' },
  };
  context.event = { request: { uri }, response: { statusCode: 200, headers } };
  const changed = JSON.parse(String(runInContext('JSON.stringify(handler(event))', context))) as {
    headers: Record<string, { value: string }>;
  };
  return changed.headers;
}

describe('a viewer of a medium', () => {
  test.each([
    ['/images/1790003600/0123456789abcdef0123456789abcd.png', 'public, max-age=3599'],
    [`/images/upload-${(1_790_000_060).toString(16)}-0123-8456-9789-0123456789ab.png`, 'public, max-age=59'],
    ['/images/1790000001/0123456789abcdef0123456789abcd.png', 'no-store'],
    ['/images/1790000000/0123456789abcdef0123456789abcd.png', 'no-store'],
  ])('may keep %s for no longer than it lives: %s', (uri, control) => {
    expect(headersAt(uri)['cache-control']?.value).toBe(control);
    expect(headersAt(uri)).not.toHaveProperty('expires');
  });

  test('may be a page of any origin, and is told what the object is', () => {
    const headers = headersAt('/images/1790003600/0123456789abcdef0123456789abcd.png');
    expect(headers['access-control-allow-origin']?.value).toBe('*');
    expect(headers['content-type']?.value).toBe('image/png');
  });
});
