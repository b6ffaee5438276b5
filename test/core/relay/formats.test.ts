import { jsonOf, type SeenRequest, type Step } from '../../support/fake-upstream.ts';
import { VENDOR_ANSWERS, streamedBy, type VendorName } from '../../support/vendor-answers.ts';
import { VENDOR_CLIENTS, type ClientName } from '../../support/vendor-clients.ts';
import { aCredential, aModel, anUpstream, call, closedEvent, startRig, type Call, type Rig } from './rig.ts';

const clients = Object.keys(VENDOR_CLIENTS) as ClientName[];
const vendors = Object.keys(VENDOR_ANSWERS) as VendorName[];
const pairs = clients.flatMap((client) => vendors.map((vendor) => [client, vendor] as const));
const WORDS = ['Hello', ' there', ', “you”.'];
const TEXT = WORDS.join('');

/** One model, a route to each of these vendors in this order; each is told apart by the first member of its path. */
function startOver(...names: VendorName[]): Promise<Rig> {
  return startRig({
    models: [
      aModel({ routes: names.map((upstream, priority) => ({ upstream, model: 'up', priority, weight: 1 })) } as never),
    ],
    upstreams: (baseUrl) =>
      names.map((name) => {
        const { format, vendor } = VENDOR_ANSWERS[name];
        return anUpstream(name, baseUrl, { format, vendor } as never);
      }),
    credentials: names.map((name) =>
      aCredential(name, name, {
        kind: VENDOR_ANSWERS[name].credentialKind,
        secret: { keyVersion: 'v1', encapsulatedSecret: '', ciphertext: 'eu-central-1' },
      } as never),
    ),
    deps: {
      signUpstream: async ({ path }, { service, region }) => ({ authorization: `signed ${service} ${region} ${path}` }),
    },
  });
}

function ask(
  rig: Rig,
  name: ClientName,
  stream: boolean,
  onData?: (text: string) => 'leave' | undefined,
): Promise<Call> {
  const client = VENDOR_CLIENTS[name];
  return call(rig, {
    path: client.path(stream),
    headers: client.headers,
    body: client.body(stream),
    ...(onData && { onData }),
  });
}

/** The beginning of a stream, in the middle of its text. */
function cutShort(vendor: VendorName): (string | Buffer)[] {
  return VENDOR_ANSWERS[vendor].events(WORDS).slice(0, vendor === 'gemini' ? 2 : 4);
}

/** Counts are asked beside the call. */
function answersOf(rig: Rig): SeenRequest[] {
  return rig.upstream.requests.filter(({ path }) => !/count_tokens|countTokens/.test(path));
}

function script(byPath: (request: SeenRequest) => Step[]): (request: SeenRequest) => Step[] {
  return (request) => (/count_tokens|countTokens/.test(request.path) ? jsonOf('{}', 404) : byPath(request));
}

describe.each(pairs)('a client of %s over %s', (client, vendor) => {
  const vendorSays = VENDOR_ANSWERS[vendor];
  let rig: Rig;
  beforeEach(async () => {
    rig = await startOver(vendor);
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
