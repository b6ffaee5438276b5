import { jsonOf } from '../../support/fake-upstream.ts';
import { VENDOR_ANSWERS, streamedBy, type VendorName } from '../../support/vendor-answers.ts';
import { VENDOR_CLIENTS, type ClientName } from '../../support/vendor-clients.ts';
import { answersOf, ask, cutShort, script, startOver, TEXT, WORDS } from './formats-rig.ts';
import { closedEvent, type Rig } from './rig.ts';

const clients = Object.keys(VENDOR_CLIENTS) as ClientName[];
const vendors = Object.keys(VENDOR_ANSWERS) as VendorName[];
const pairs = clients.flatMap((client) => vendors.map((vendor) => [client, vendor] as const));

describe.each(pairs)('a client of %s over %s', (client, vendor) => {
  const vendorSays = VENDOR_ANSWERS[vendor];
  let rig: Rig;
  beforeEach(async () => {
    rig = await startOver([vendor]);
  });
  afterEach(() => rig.close());

  it('gets a whole answer, metered by the vendor’s own figures', async () => {
    rig.upstream.answer(script(() => jsonOf(vendorSays.whole(TEXT))));
    const answer = await ask(rig, client, false);
    expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
    expect(VENDOR_CLIENTS[client].textOf(answer.json)).toBe(TEXT);
    expect(await closedEvent(rig)).toMatchObject({ source: 'reported', parts: vendorSays.parts, error: null });
    expect(answersOf(rig).map(({ path }) => path)).toEqual([vendorSays.paths[0]]);
  });

  it('gets a stream with one end, metered by the vendor’s own figures', async () => {
    rig.upstream.answer(script(() => streamedBy(vendorSays, WORDS)));
    const answer = await ask(rig, client, true);
    expect(answer.headers['content-type']).toMatch(client === 'array' ? /^application\/json/ : /^text\/event-stream/);
    expect(VENDOR_CLIENTS[client].read(answer.text)).toEqual({ text: TEXT, ended: true, ends: 1, error: null });
    expect(await closedEvent(rig)).toMatchObject({ source: 'reported', parts: vendorSays.parts, error: null });
    expect(answersOf(rig).map(({ path }) => path)).toEqual([vendorSays.paths[1]]);
    if (vendorSays.credentialKind === 'aws_role') {
      const [seen] = answersOf(rig);
      expect(seen?.headers.authorization).toBe(`signed bedrock eu-central-1 ${vendorSays.paths[1]}`);
    }
  });

  it('is told of a cut in mid-stream, never of an end, and pays for what came', async () => {
    rig.upstream.answer(
      script(() => [
        { head: 200, headers: { 'content-type': vendorSays.contentType } },
        ...cutShort(vendor).map((write) => ({ write })),
        { cut: true },
      ]),
    );
    const told = VENDOR_CLIENTS[client].read((await ask(rig, client, true)).text);
    expect(told).toMatchObject({ ended: false, error: expect.stringContaining('broke off') });
    expect(TEXT.startsWith(told.text)).toBe(true);
    expect(await closedEvent(rig)).toMatchObject({ source: 'partial', status: 200, error: 'upstream_cut' });
  });

  it('is told of a stream that just stops, never of an end', async () => {
    rig.upstream.answer(
      script(() => [
        { head: 200, headers: { 'content-type': vendorSays.contentType } },
        ...cutShort(vendor).map((write) => ({ write })),
      ]),
    );
    const told = VENDOR_CLIENTS[client].read((await ask(rig, client, true)).text);
    expect(told).toMatchObject({ ended: false, error: expect.stringContaining('broke off') });
    expect(await closedEvent(rig)).toMatchObject({ source: 'partial', error: 'upstream_cut' });
  });

  it('is told of an error in mid-stream once, never of an end', async () => {
    rig.upstream.answer(
      script(() => [
        { head: 200, headers: { 'content-type': vendorSays.contentType } },
        ...cutShort(vendor).map((write) => ({ write })),
        { write: vendorSays.errorEvent },
      ]),
    );
    const told = VENDOR_CLIENTS[client].read((await ask(rig, client, true)).text);
    expect(told).toMatchObject({ ended: false, error: expect.stringContaining('It broke.') });
    expect(await closedEvent(rig)).toMatchObject({ source: 'partial', error: 'upstream_error' });
  });

  it('streams what the vendor tells whole', async () => {
    rig.upstream.answer(script(() => jsonOf(vendorSays.whole(TEXT))));
    const answer = await ask(rig, client, true);
    expect(VENDOR_CLIENTS[client].read(answer.text)).toEqual({ text: TEXT, ended: true, ends: 1, error: null });
    expect(await closedEvent(rig)).toMatchObject({ source: 'reported', parts: vendorSays.parts, error: null });
  });

  it('gets whole what the vendor streams', async () => {
    rig.upstream.answer(script(() => streamedBy(vendorSays, WORDS)));
    const answer = await ask(rig, client, false);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(VENDOR_CLIENTS[client].textOf(answer.json)).toBe(TEXT);
    expect(await closedEvent(rig)).toMatchObject({ source: 'reported', parts: vendorSays.parts, error: null });
  });
});
