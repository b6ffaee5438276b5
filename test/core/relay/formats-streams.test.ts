import { chatEvents, streamOf } from '../../support/fake-upstream.ts';
import { createManualScheduler, type ManualScheduler } from '../../support/manual-scheduler.ts';
import { streamedBy, VENDOR_ANSWERS, type VendorName } from '../../support/vendor-answers.ts';
import { VENDOR_CLIENTS, type ClientName } from '../../support/vendor-clients.ts';
import { answersOf, ask, cutShort, script, startOver, TEXT, WORDS } from './formats-rig.ts';
import { call, closedEvent, until, type Rig } from './rig.ts';

function gate(): { opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('a client that leaves a converted stream', () => {
  let rig: Rig;
  afterEach(() => rig.close());

  const PAIRS: [ClientName, VendorName][] = [
    ['anthropic', 'chat'],
    ['chat', 'anthropic'],
    ['responses', 'gemini'],
    ['gemini', 'responses'],
    ['array', 'converse'],
    ['cc', 'invoke'],
  ];
  const table = PAIRS.flatMap(([client, vendor]) =>
    VENDOR_ANSWERS[vendor].events(WORDS).map((_event, behind) => [client, vendor, behind] as const),
  );

  it.each(table)('of %s over %s behind event %d breaks the call off, settled once', async (client, vendor, behind) => {
    rig = await startOver([vendor]);
    const { contentType, events } = VENDOR_ANSWERS[vendor];
    const sent = events(WORDS).slice(0, behind);
    let isSent = false;
    const steps = [
      { head: 200, headers: { 'content-type': contentType } },
      ...sent.map((write) => ({ write })),
      {
        get waitFor() {
          isSent = true;
          return Promise.resolve();
        },
      },
      { hang: true as const },
    ];
    rig.upstream.answer(script(() => steps));
    const leaving = new AbortController();
    const { path, headers, body } = VENDOR_CLIENTS[client];
    const asked = fetch(rig.url + path(true), {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body(true)),
      signal: leaving.signal,
    }).then((response) => response.text());
    asked.catch(() => undefined);
    await until(() => isSent && answersOf(rig).length === 1);
    for (let tick = 0; tick < 20; tick += 1) await turn();
    leaving.abort();
    await expect(asked).rejects.toThrow();
    await answersOf(rig)[0]!.aborted;
    const closing = await closedEvent(rig);
    // With the figures of the end there is nothing left to be counted.
    expect(['partial', ...(behind === events(WORDS).length - 1 ? ['reported'] : [])]).toContain(closing.source);
    expect(rig.usage.rows.size).toBe(1);
    expect(rig.log.filter(({ event }) => event === 'request')).toHaveLength(1);
  });
});

const KEY = 'sk-chosen-by-the-test-0123456789abcdef';

describe('a stream as one JSON array', () => {
  let rig: Rig;
  let time: ManualScheduler;
  beforeEach(async () => {
    time = createManualScheduler();
  });
  afterEach(() => rig.close());

  it('is white space while nobody speaks, and an array that can be read all the same', async () => {
    rig = await startOver(['chat'], { scheduler: time });
    const { opened, open } = gate();
    const [first, ...others] = chatEvents(WORDS) as [string, ...string[]];
    const second = gate();
    rig.upstream.answer([
      { waitFor: opened },
      ...streamOf([first, others[0] as string]),
      { waitFor: second.opened },
      ...others.slice(1).map((write) => ({ write })),
    ]);
    let seen = '';
    const calling = ask(rig, 'array', true, (text) => void (seen = text));
    await until(() => rig.upstream.requests.length === 1);
    time.advance(20_001);
    await until(() => seen.length > 0);
    expect(seen.trim()).toBe('');
    open();
    await until(() => seen.includes(WORDS[0] as string));
    const before = seen.length;
    time.advance(15_001);
    await until(() => seen.length > before);
    expect(seen.slice(before).trim()).toBe('');
    second.open();
    const answer = await calling;
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(VENDOR_CLIENTS.array.read(answer.text)).toEqual({ text: TEXT, ended: true, ends: 1, error: null });
  });

  it.each(['gemini', 'anthropic'] as const)('over %s tells an error as its last element', async (vendor) => {
    rig = await startOver([vendor]);
    const { contentType } = VENDOR_ANSWERS[vendor];
    rig.upstream.answer(
      script(() => [
        { head: 200, headers: { 'content-type': contentType } },
        ...cutShort(vendor).map((write) => ({ write })),
        { cut: true },
      ]),
    );
    const answer = await ask(rig, 'array', true);
    const elements = JSON.parse(answer.text) as { error?: { code: number; status: string } }[];
    expect(elements.at(-1)?.error).toMatchObject({ code: 502, status: 'UNAVAILABLE' });
    expect(elements.filter(({ error }) => error)).toHaveLength(1);
  });

  it('that never began is an error and no array', async () => {
    rig = await startOver(['gemini']);
    const answer = await call(rig, {
      path: '/v1beta/models/nothing:streamGenerateContent',
      body: VENDOR_CLIENTS.gemini.body(true),
    });
    expect([answer.status, answer.json.error.status]).toEqual([404, 'NOT_FOUND']);
  });
});

describe('comments of an upstream that is slow to begin', () => {
  it('do not keep a client of another language waiting in silence', async () => {
    const time = createManualScheduler();
    const rig = await startOver(['chat'], { scheduler: time });
    const steps = [gate(), gate()];
    rig.upstream.answer([
      ...streamOf([': here\n\n']),
      { waitFor: steps[0]!.opened },
      { write: ': here\n\n' },
      { waitFor: steps[1]!.opened },
      ...chatEvents(WORDS).map((write) => ({ write })),
    ]);
    let seen = '';
    const calling = ask(rig, 'anthropic', true, (text) => void (seen = text));
    await until(() => rig.upstream.requests.length === 1 && time.waiting > 0);
    for (let tick = 0; tick < 20; tick += 1) await turn();
    time.advance(14_000);
    steps[0]!.open();
    for (let tick = 0; tick < 200; tick += 1) await turn();
    time.advance(7_000);
    await until(() => seen !== '');
    expect(seen).toMatch(/^event: ping\n/);
    steps[1]!.open();
    expect(VENDOR_CLIENTS.anthropic.read((await calling).text).text).toBe(TEXT);
    await rig.close();
  });
});

describe('a last event without its empty line', () => {
  it.each(['chat', 'responses', 'anthropic', 'gemini'] as const)(
    'of %s is whole when the upstream ended in order',
    async (vendor) => {
      for (const client of ['chat', 'anthropic', 'responses', 'gemini'] as const) {
        const rig = await startOver([vendor]);
        const events = VENDOR_ANSWERS[vendor].events(WORDS) as string[];
        const last = events.at(-1)?.trimEnd() as string;
        rig.upstream.answer(script(() => streamOf([...events.slice(0, -1), last])));
        const told = VENDOR_CLIENTS[client].read((await ask(rig, client, true)).text);
        expect([client, told]).toEqual([client, { text: TEXT, ended: true, ends: 1, error: null }]);
        await rig.close();
      }
    },
  );
});

describe('a stream in any pieces', () => {
  it.each(['chat', 'responses', 'anthropic', 'gemini', 'converse', 'invoke'] as const)(
    'of %s is the same',
    async (vendor) => {
      const rig = await startOver([vendor]);
      const bytes = Buffer.concat(VENDOR_ANSWERS[vendor].events(WORDS).map((event) => Buffer.from(event)));
      const [first] = streamedBy(VENDOR_ANSWERS[vendor], WORDS);
      const pieces = Array.from({ length: Math.ceil(bytes.length / 37) }, (_, at) =>
        bytes.subarray(at * 37, at * 37 + 37),
      );
      rig.upstream.answer(script(() => [first!, ...pieces.map((write) => ({ write }))]));
      for (const client of ['anthropic', 'responses', 'gemini', 'array', 'chat'] as const) {
        const told = VENDOR_CLIENTS[client].read((await ask(rig, client, true)).text);
        expect([client, told]).toEqual([client, { text: TEXT, ended: true, ends: 1, error: null }]);
      }
      await rig.close();
    },
  );
});
