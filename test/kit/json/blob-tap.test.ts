import * as fc from 'fast-check';
import { createBlobTap } from '@sluice/kit/json/blob-tap';

interface Tapped {
  rest: string;
  blobs: Buffer[];
}

/** Feeds a text cut at the given places. */
async function tapAll(text: string, keys: string[], cuts: readonly number[] = []): Promise<Tapped> {
  const blobs: Buffer[] = [];
  const tap = createBlobTap({
    keys,
    nameOf: (index) => `blob:${index}`,
    open(index) {
      const chunks: Buffer[] = [];
      return { write: (bytes) => void chunks.push(bytes), end: () => void (blobs[index] = Buffer.concat(chunks)) };
    },
  });
  const bytes = Buffer.from(text);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  const rest: Buffer[] = [];
  for (let at = 1; at < places.length; at += 1) rest.push(await tap.push(bytes.subarray(places[at - 1], places[at])));
  return { rest: Buffer.concat(rest).toString(), blobs };
}

const picture = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const cutsOf = fc.array(fc.nat({ max: 5_000 }), { maxLength: 30 });

describe('taking base64 out of JSON as it arrives', () => {
  it('gives every picture byte for byte and leaves the same JSON with names in their places, however it is cut', async () => {
    const entry = fc.record({ picture, other: fc.jsonValue(), text: fc.string({ unit: 'binary' }) });
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 4 }), cutsOf, fc.nat({ max: 2 }), async (entries, cuts, indent) => {
        const write = (nameOf: (index: number) => string): unknown => ({
          data: entries.map(({ other, text }, index) => ({ other, b64_json: nameOf(index), text })),
        });
        const whole = write((index) => (entries[index] as (typeof entries)[number]).picture.toString('base64'));
        const { rest, blobs } = await tapAll(JSON.stringify(whole, null, indent), ['b64_json'], cuts);
        // What fast-check invents may hold the key itself; then there are more pictures than ours.
        fc.pre(!JSON.stringify(entries.map(({ other }) => other)).includes('b64_json'));
        expect(JSON.parse(rest)).toEqual(JSON.parse(JSON.stringify(write((index) => `blob:${index}`))));
        expect(blobs).toEqual(entries.map(({ picture: bytes }) => bytes));
      }),
    );
  });

  it('reads the JSON of server-sent events, and recovers from a quote in a comment', async () => {
    const events = `: it's a "comment\nevent: a\ndata: {"b64_json":"AAEC","n":1}\n\ndata: {"b64_json":"BAU="}\n\n`;
    const { rest, blobs } = await tapAll(events, ['b64_json']);
    expect(rest).toBe(
      `: it's a "comment\nevent: a\ndata: {"b64_json":"blob:0","n":1}\n\ndata: {"b64_json":"blob:1"}\n\n`,
    );
    expect(blobs).toEqual([Buffer.from([0, 1, 2]), Buffer.from([4, 5])]);
  });

  it.each([
    ['escaped slashes', '{"b64_json":"\\/\\/79"}', Buffer.from([0xff, 0xfe, 0xfd])],
    ['escaped code points', '{"b64_json":"\\u002f\\u002F79"}', Buffer.from([0xff, 0xfe, 0xfd])],
    ['line ends inside', '{"b64_json":"AA\\nEC\\r\\n"}', Buffer.from([0, 1, 2])],
    ['the other alphabet', '{"b64_json":"__79"}', Buffer.from([0xff, 0xfe, 0xfd])],
    ['no padding', '{"b64_json":"AAE"}', Buffer.from([0, 1])],
    ['a data URL', '{"b64_json":"data:image/png;base64,AAEC"}', Buffer.from([0, 1, 2])],
  ])('takes %s, cut anywhere', async (_name, text, bytes) => {
    for (let cut = 0; cut <= text.length; cut += 1) {
      const { rest, blobs } = await tapAll(text, ['b64_json'], [cut]);
      expect({ rest, blobs }).toEqual({ rest: '{"b64_json":"blob:0"}', blobs: [bytes] });
    }
  });

  it.each(['{"b64_json":""}', '{"b64_json":null}', '{"a":"b64_json"}', '{"other":"AAEC"}', '["b64_json","AAEC"]'])(
    'leaves %s as it is',
    async (text) => {
      expect(await tapAll(text, ['b64_json'])).toEqual({ rest: text, blobs: [] });
    },
  );

  it('waits for a slow reader before it takes more', async () => {
    const { promise: room, resolve: makeRoom } = Promise.withResolvers<void>();
    const tap = createBlobTap({
      keys: ['b64_json'],
      nameOf: () => 'x',
      open: () => ({ write: () => room, end: () => undefined }),
    });
    let isTaken = false;
    const taking = tap.push(Buffer.from('{"b64_json":"AAEC"}')).then(() => (isTaken = true));
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    expect(isTaken).toBe(false);
    makeRoom();
    await taking;
    expect(isTaken).toBe(true);
  });
});
