import { describe, expect, test } from '@jest/globals';
import {
  createFunctionUrlEvent,
  fitsEventLimit,
  type EventInput,
} from '../../../../infra/local/function-host/event.ts';

function eventOf(more: Partial<EventInput>) {
  return createFunctionUrlEvent({
    method: 'POST',
    target: '/',
    headers: {},
    sourceIp: '127.0.0.1',
    domainName: 'abc.lambda-url.us-east-1.on.aws',
    body: Buffer.alloc(0),
    ...more,
  });
}

const megabytes = (count: number, fill: string): Buffer => Buffer.alloc(count * 1024 * 1024, fill);

describe('function URL events', () => {
  test('keep path and query as they were sent, and offer the query decoded and joined', () => {
    const event = eventOf({ target: '/a%2Fb/%E2%82%AC?x=1&x=%20&__proto__=y&z' });
    expect(event.rawPath).toBe('/a%2Fb/%E2%82%AC');
    expect(event.rawQueryString).toBe('x=1&x=%20&__proto__=y&z');
    expect(event.queryStringParameters?.['x']).toBe('1, ');
    expect(event.requestContext['http']).toMatchObject({ method: 'POST', path: '/a/b/€', sourceIp: '127.0.0.1' });
  });

  test('carry cookies in their own list and join repeated headers with commas', () => {
    const event = eventOf({ headers: { cookie: ['a=1; b=2', 'c=3'], 'x-a': ['1', '2'], connection: ['keep-alive'] } });
    expect(event.cookies).toEqual(['a=1', 'b=2', 'c=3']);
    expect(event.headers).toMatchObject({ 'x-a': '1,2', host: 'abc.lambda-url.us-east-1.on.aws' });
    expect(Object.keys(event.headers)).not.toEqual(expect.arrayContaining(['cookie']));
    expect(event.headers['connection']).toBeUndefined();
    expect(eventOf({}).cookies).toBeUndefined();
  });

  test('append the connecting address to what the CDN forwards', () => {
    const event = eventOf({ headers: { 'x-forwarded-for': ['10.1.1.1'] } });
    expect(event.headers['x-forwarded-for']).toBe('10.1.1.1, 127.0.0.1');
  });

  test.each([
    ['application/json', undefined, false],
    ['application/json; charset=utf-8', undefined, false],
    ['text/plain', undefined, false],
    ['application/problem+json', undefined, false],
    ['application/json', 'gzip', true],
    ['application/octet-stream', undefined, true],
    ['multipart/form-data; boundary=x', undefined, true],
    ['application/x-www-form-urlencoded', undefined, true],
    [undefined, undefined, true],
  ])('a body of type %s, encoding %s: base64 %p', (type, encoding, isBase64) => {
    const headers = { ...(type && { 'content-type': [type] }), ...(encoding && { 'content-encoding': [encoding] }) };
    const event = eventOf({ headers, body: Buffer.from('{"é":1}') });
    expect(event.isBase64Encoded).toBe(isBase64);
    expect(Buffer.from(event.body ?? '', isBase64 ? 'base64' : 'utf8').toString()).toBe('{"é":1}');
  });

  test('without a body have none', () => {
    expect(eventOf({ method: 'GET' })).toMatchObject({ isBase64Encoded: false });
    expect('body' in eventOf({ method: 'GET' })).toBe(false);
  });

  test('are limited by the size of the encoded event, not of the body', () => {
    const text = { headers: { 'content-type': ['application/json'] } };
    expect(fitsEventLimit(eventOf({ ...text, body: megabytes(5, 'a') }))).toBe(true);
    expect(fitsEventLimit(eventOf({ ...text, body: megabytes(4, '"') }))).toBe(false);
    expect(fitsEventLimit(eventOf({ body: megabytes(4, 'a') }))).toBe(true);
    expect(fitsEventLimit(eventOf({ body: megabytes(5, 'a') }))).toBe(false);
  });
});
