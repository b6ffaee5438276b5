import { hasCarrier } from '@sluice/core/relay/carriers';
import { jsonOf, type SeenRequest, type Step } from '../../support/fake-upstream.ts';
import { createManualScheduler } from '../../support/manual-scheduler.ts';
import { CARRIERS } from '../../support/formats.ts';
import { streamedBy, VENDOR_ANSWERS, type VendorName } from '../../support/vendor-answers.ts';
import { VENDOR_CLIENTS } from '../../support/vendor-clients.ts';
import { answersOf, ask, startOver, TEXT, WORDS } from './formats-rig.ts';
import { call, closedEvent, until, type Call, type Rig } from './rig.ts';

const COUNTERS = { anthropic: '/v1/messages/count_tokens', gemini: '/v1/models/up:countTokens' };
const COUNTED = { anthropic: '{"input_tokens":1234}', gemini: '{"totalTokens":1234,"totalBillableCharacters":1}' };

const isCount = ({ path }: SeenRequest): boolean => /count_tokens|countTokens/.test(path);
const WORDS_OF_USER = [{ role: 'user', content: 'Say something.' }];
const GEMINI_BODY = { contents: [{ role: 'user', parts: [{ text: 'Say something.' }] }] };

const CLIENTS: [name: string, path: string, body: object, read: (json: Call['json']) => number][] = [
  ['anthropic', '/v1/messages/count_tokens', { model: 'public', messages: WORDS_OF_USER }, (json) => json.input_tokens],
  ['cc', '/cc/v1/messages/count_tokens', { model: 'public', messages: WORDS_OF_USER }, (json) => json.input_tokens],
  [
    'responses',
    '/v1/responses/input_tokens',
    { model: 'public', input: 'Say something.' },
    (json) => json.input_tokens,
  ],
  ['gemini', '/v1beta/models/public:countTokens', GEMINI_BODY, (json) => json.totalTokens],
  [
    'gemini, wrapped',
    '/v1/models/public:countTokens',
    { generateContentRequest: { model: 'models/public', ...GEMINI_BODY } },
    (json) => json.totalTokens,
  ],
];

describe('a count of tokens', () => {
  let rig: Rig;
  afterEach(() => rig.close());

  const native = CLIENTS.flatMap((client) =>
    (['anthropic', 'gemini'] as const).map((vendor) => [vendor, ...client] as const),
  );
  it.each(native)('is that of %s’s own counter for a client of %s', async (vendor, _client, path, body, read) => {
    rig = await startOver([vendor]);
    rig.upstream.answer((request) => (isCount(request) ? jsonOf(COUNTED[vendor]) : jsonOf('{}', 500)));
    const answer = await call(rig, { path, body });
    expect([answer.status, read(answer.json)]).toEqual([200, 1234]);
    expect(answer.headers['x-sluice-warnings']).toBeUndefined();
    expect(rig.upstream.requests.map((request) => request.path)).toEqual([COUNTERS[vendor]]);
    const sent = rig.upstream.requests[0]?.body ?? '';
    expect(sent).toContain('Say something.');
    expect(sent).not.toMatch(/"(?:max_tokens|stream)"/);
    expect(rig.usage.rows.size).toBe(0);
  });

  it.each(CLIENTS)(
    'for a client of %s is estimated, and says so, where the counter fails',
    async (_client, path, body, read) => {
      for (const steps of [
        jsonOf('{}', 500),
        jsonOf('no'),
        jsonOf('{"input_tokens":-1}'),
        jsonOf('[]'),
        [{ cut: true as const }],
      ]) {
        rig = await startOver(['anthropic']);
        rig.upstream.answer(steps);
        const answer = await call(rig, { path, body });
        expect(answer.status).toBe(200);
        expect(read(answer.json)).toBeGreaterThan(2);
        expect(read(answer.json)).toBeLessThan(40);
        expect(answer.headers['x-sluice-warnings']).toBe('estimated:input_tokens');
        await rig.close();
      }
      rig = await startOver(['converse']);
      const answer = await call(rig, { path, body });
      expect([answer.status, rig.upstream.requests.length]).toEqual([200, 0]);
    },
  );

  it('of a counter that hangs is estimated after five seconds', async () => {
    const time = createManualScheduler();
    rig = await startOver(['anthropic'], { scheduler: time });
    rig.upstream.answer([{ hang: true }]);
    const calling = call(rig, {
      path: '/v1/messages/count_tokens',
      body: { model: 'public', messages: WORDS_OF_USER },
    });
    await until(() => rig.upstream.requests.length === 1);
    time.advance(5_001);
    expect((await calling).headers['x-sluice-warnings']).toBe('estimated:input_tokens');
    await rig.upstream.requests[0]!.aborted;
  });

  it.each(CLIENTS)('for a client of %s is refused without a body that can be counted', async (_client, path) => {
    rig = await startOver(['anthropic']);
    for (const body of ['{', '[]', '{"model":"public"}', '{"model":"public","messages":3,"contents":3,"input":3}']) {
      expect([body, (await call(rig, { path, body })).status]).toEqual([body, 400]);
    }
    expect(rig.upstream.requests).toHaveLength(0);
  });
});

function startTokens(text: string): number {
  const start = /event: message_start\ndata: (.*)\n/.exec(text)?.[1];
  return JSON.parse(start as string).message.usage.input_tokens as number;
}

describe('a stream of /cc', () => {
  let rig: Rig;
  afterEach(() => rig.close());

  function over(vendor: VendorName, count: Step[], answer: Step[] = streamedBy(VENDOR_ANSWERS[vendor], WORDS)): void {
    rig.upstream.answer((request) => (isCount(request) ? count : answer));
  }

  it('begins with the count of the upstream’s own counter, asked beside the call', async () => {
    rig = await startOver(['gemini']);
    over('gemini', jsonOf(COUNTED.gemini));
    const answer = await ask(rig, 'cc', true);
    expect(startTokens(answer.text)).toBe(1234);
    expect(VENDOR_CLIENTS.cc.read(answer.text).text).toBe(TEXT);
    expect(rig.upstream.requests.map(isCount).toSorted()).toEqual([false, true]);
    expect(await closedEvent(rig)).toMatchObject({ source: 'reported', parts: VENDOR_ANSWERS.gemini.parts });
  });

  it.each(['chat', 'responses', 'converse'] as const)(
    'over %s begins with a count of the tokenizer',
    async (vendor) => {
      rig = await startOver([vendor]);
      over(vendor, []);
      const answer = await ask(rig, 'cc', true);
      expect(startTokens(answer.text)).toBeGreaterThan(2);
      expect(startTokens(answer.text)).toBeLessThan(40);
      expect(rig.upstream.requests).toHaveLength(1);
    },
  );

  it.each<[string, Step[]]>([
    ['fails', jsonOf('{}', 500)],
    ['is cut', [{ cut: true }]],
  ])('falls back to the tokenizer where the counter %s', async (_title, count) => {
    rig = await startOver(['gemini']);
    over('gemini', count);
    const answer = await ask(rig, 'cc', true);
    expect(startTokens(answer.text)).toBeGreaterThan(2);
    expect(VENDOR_CLIENTS.cc.read(answer.text)).toMatchObject({ text: TEXT, ends: 1 });
  });

  it('waits for a counter that hangs, while its client is pinged, and no longer than five seconds', async () => {
    const time = createManualScheduler();
    rig = await startOver(['gemini'], { scheduler: time });
    over('gemini', [{ hang: true }]);
    const calling = ask(rig, 'cc', true);
    await until(() => rig.upstream.requests.length === 2);
    time.advance(5_001);
    const answer = await calling;
    expect(startTokens(answer.text)).toBeGreaterThan(2);
    expect(VENDOR_CLIENTS.cc.read(answer.text)).toMatchObject({ text: TEXT, ends: 1 });
  });

  it('hands words on while the upstream still speaks', async () => {
    rig = await startOver(['gemini']);
    const { promise, resolve } = Promise.withResolvers<void>();
    const [head, first, ...others] = streamedBy(VENDOR_ANSWERS.gemini, WORDS);
    over('gemini', jsonOf(COUNTED.gemini), [head!, first!, { waitFor: promise }, ...others]);
    const answer = await ask(rig, 'cc', true, (text) => {
      if (text.includes(WORDS[0] as string)) resolve();
      return undefined;
    });
    expect(startTokens(answer.text)).toBe(1234);
  });

  it('over Anthropic needs no count', async () => {
    rig = await startOver(['anthropic']);
    over('anthropic', jsonOf('{}', 500));
    const answer = await ask(rig, 'cc', true);
    expect(startTokens(answer.text)).toBe(15);
    expect(answersOf(rig)).toHaveLength(1);
    expect(rig.upstream.requests).toHaveLength(1);
  });

  it('whose client leaves while it is counted is settled once', async () => {
    rig = await startOver(['gemini']);
    over('gemini', [{ hang: true }]);
    const leaving = new AbortController();
    const { path, body } = VENDOR_CLIENTS.cc;
    const asked = fetch(rig.url + path(), {
      method: 'POST',
      headers: { authorization: 'Bearer sk-chosen-by-the-test-0123456789abcdef', 'content-type': 'application/json' },
      body: JSON.stringify(body(true)),
      signal: leaving.signal,
    });
    asked.catch(() => undefined);
    await until(() => rig.upstream.requests.length === 2);
    leaving.abort();
    await expect(asked).rejects.toThrow();
    expect(await closedEvent(rig)).toMatchObject({ status: 499, source: 'partial' });
  });
});

describe('a body that holds an envelope of ours', () => {
  const carrier = { origin: 'gemini@gemini', kind: 'signature', data: 'AAAA' } as const;
  const sealed = CARRIERS.seal(carrier);

  it.each<[string, string]>([
    ['as it is', sealed],
    ['forged', `${sealed.slice(0, -4)}AAAA`],
  ])('%s is never passed on to an upstream of the same language', async (_title, text) => {
    const rig = await startOver(['anthropic']);
    rig.upstream.answer(jsonOf(VENDOR_ANSWERS.anthropic.whole(TEXT)));
    const body = {
      model: 'public',
      max_tokens: 2000,
      messages: [
        { role: 'user', content: 'x' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'hm', signature: text },
            { type: 'text', text: 'y' },
          ],
        },
        { role: 'user', content: 'z' },
      ],
    };
    const answer = await call(rig, { path: '/v1/messages', body, headers: { 'anthropic-version': '2023-06-01' } });
    expect(answer.status).toBe(200);
    const sent = Buffer.from(rig.upstream.requests[0]?.body ?? '');
    expect(hasCarrier(sent)).toBe(false);
    expect(sent.toString()).not.toContain('hm');
    expect(String(answer.headers['x-sluice-warnings'])).toMatch(/reasoning|carrier/);
    await rig.close();
  });
});
