import * as fc from 'fast-check';
import { isMultipart, parseMultipart, writeMultipart } from '@sluice/kit/http/multipart';

const BOUNDARY = 'a-boundary-that-is-long-enough';
const fieldName = fc.stringMatching(/^[a-z_[\]]{1,12}$/);
const file = fc.record({
  filename: fc.stringMatching(/^[\w ".-]{1,20}$/),
  contentType: fc.constantFrom('image/png', 'application/octet-stream'),
  bytes: fc.uint8Array({ maxLength: 200 }),
});

describe('forms', () => {
  it('are read as they were written, whatever the bytes', () => {
    const field = fc.record({ name: fieldName, value: fc.oneof(fc.string({ unit: 'binary' }), file) });
    fc.assert(
      fc.property(fc.array(field, { maxLength: 6 }), (fields) => {
        const { contentType, body } = writeMultipart(fields, BOUNDARY);
        const parts = parseMultipart(body, contentType);
        expect(parts.map(({ name }) => name)).toEqual(fields.map(({ name }) => name));
        for (const [index, { value }] of fields.entries()) {
          const part = parts[index]!;
          if (typeof value === 'string') expect(part.bytes.equals(Buffer.from(value))).toBe(true);
          else {
            expect(part.bytes.equals(Buffer.from(value.bytes))).toBe(true);
            expect([part.filename, part.contentType]).toEqual([value.filename, value.contentType]);
          }
        }
      }),
    );
  });

  it('are read as the platform’s own FormData writes them', async () => {
    const form = new FormData();
    form.set('prompt', 'a “cat”\r\nwith a hat');
    form.append('image[]', new File([Buffer.from([0, 13, 10, 45, 45])], 'a"b.png', { type: 'image/png' }));
    const request = new Request('http://example.test', { method: 'POST', body: form });
    const type = request.headers.get('content-type') ?? '';
    const parts = parseMultipart(Buffer.from(await request.arrayBuffer()), type);
    expect(isMultipart(type)).toBe(true);
    expect(parts.map(({ name, filename, contentType }) => ({ name, filename, contentType }))).toEqual([
      { name: 'prompt', filename: null, contentType: null },
      { name: 'image[]', filename: 'a"b.png', contentType: 'image/png' },
    ]);
    expect(parts[0]?.bytes.toString()).toBe('a “cat”\r\nwith a hat');
    expect([...(parts[1]?.bytes ?? [])]).toEqual([0, 13, 10, 45, 45]);
  });

  it('give views into the body and copy nothing', () => {
    const { contentType, body } = writeMultipart([{ name: 'a', value: 'text' }], BOUNDARY);
    const [part] = parseMultipart(body, contentType);
    expect(part?.bytes.buffer).toBe(body.buffer);
  });

  it.each([
    ['without a boundary', 'multipart/form-data', ''],
    ['whose boundary is not in it', 'multipart/form-data; boundary=x', 'nothing'],
    ['that is cut', 'multipart/form-data; boundary=x', '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\nhal'],
    ['whose part has no name', 'multipart/form-data; boundary=x', '--x\r\ncontent-type: a/b\r\n\r\n1\r\n--x--'],
    ['whose part has no end of its head', 'multipart/form-data; boundary=x', '--x\r\na: b\r\n--x--'],
  ])('%s are refused', (_name, contentType, body) => {
    expect(() => parseMultipart(Buffer.from(body), contentType)).toThrow(/not a valid multipart form/);
  });
});
