import { awsEvent, awsException, streamedBy, VENDOR_ANSWERS, type VendorName } from '../../support/vendor-answers.ts';
import { jsonOf, streamOf, type Step } from '../../support/fake-upstream.ts';
import { VENDOR_CLIENTS, type ClientName } from '../../support/vendor-clients.ts';
import { answersOf, ask, cutShort, script, startOver, TEXT, WORDS } from './formats-rig.ts';
import { aUser, call, closedEvent, type Rig } from './rig.ts';

const clients = Object.keys(VENDOR_CLIENTS) as ClientName[];
const FAULT = '{"error":{"message":"It broke.","type":"server_error","code":null}}';

/** What a vendor answers under its own path. */
function byVendor(answers: Partial<Record<VendorName, Step[]>>): ReturnType<typeof script> {
  return script(({ path }) => {
    const found = (Object.keys(answers) as VendorName[]).find((name) => VENDOR_ANSWERS[name].paths.includes(path));
    if (found === undefined) throw new Error(`Nobody answers ${path}`);
    return answers[found] as Step[];
  });
}

describe('failover between languages', () => {
  let rig: Rig;
  afterEach(() => rig.close());

  const FAULTS: [title: string, first: VendorName, steps: Step[]][] = [
    ['a status 500', 'chat', jsonOf(FAULT, 500)],
    ['an error event before content', 'chat', streamOf([`data: ${FAULT}\n\n`])],
    ['an error event without its empty line', 'chat', streamOf([`data: ${FAULT}`])],
    ['an error in a body of status 200', 'chat', jsonOf(FAULT)],
    ['an error event before content', 'anthropic', streamOf([String(VENDOR_ANSWERS.anthropic.errorEvent)])],
    ['an error event before content', 'responses', streamOf([String(VENDOR_ANSWERS.responses.errorEvent)])],
    ['an error event before content', 'gemini', streamOf([String(VENDOR_ANSWERS.gemini.errorEvent)])],
    [
      'an exception before content',
      'converse',
      [
        { head: 200, headers: { 'content-type': 'application/vnd.amazon.eventstream' } },
        { write: awsException('throttlingException', { message: 'slow' }) },
      ],
    ],
    [
      'a damaged frame before content',
      'invoke',
      [
        { head: 200, headers: { 'content-type': 'application/vnd.amazon.eventstream' } },
        { write: damaged(awsEvent('chunk', { bytes: 'e30=' })) },
      ],
    ],
    [
      'a cut before content',
      'gemini',
      [{ head: 200, headers: { 'content-type': 'text/event-stream' } }, { cut: true }],
    ],
    ['an empty stream', 'anthropic', [{ head: 200, headers: { 'content-type': 'text/event-stream' } }]],
    ['an object that is no answer', 'gemini', jsonOf('{"hello":1}')],
  ];
  const table = FAULTS.flatMap(([title, first, steps]) =>
    clients.map((client) => [client, title, first, steps] as const),
  );

  it.each(table)('gives a client of %s one clean stream after %s of %s', async (client, _title, first, steps) => {
    const second = first === 'anthropic' || first === 'invoke' ? 'chat' : 'anthropic';
    rig = await startOver([first, second]);
    rig.upstream.answer(byVendor({ [first]: steps, [second]: streamedBy(VENDOR_ANSWERS[second], WORDS) }));
    const answer = await ask(rig, client, true);
    expect(VENDOR_CLIENTS[client].read(answer.text)).toEqual({ text: TEXT, ended: true, ends: 1, error: null });
    const closing = await closedEvent(rig);
    expect(closing).toMatchObject({ source: 'reported', upstream: second, error: null });
    expect(closing.parts).toEqual(VENDOR_ANSWERS[second].parts);
    expect(closing.attempts.map(({ upstream }) => upstream)).toEqual([first, second]);
  });

  it.each(clients)(
    'gives a client of %s the whole answer of another vendor after an error in a body of status 200',
    async (client) => {
      rig = await startOver(['chat', 'gemini']);
      rig.upstream.answer(byVendor({ chat: jsonOf(FAULT), gemini: jsonOf(VENDOR_ANSWERS.gemini.whole(TEXT)) }));
      const answer = await ask(rig, client, false);
      expect(VENDOR_CLIENTS[client].textOf(answer.json)).toBe(TEXT);
      expect(await closedEvent(rig)).toMatchObject({ upstream: 'gemini', parts: VENDOR_ANSWERS.gemini.parts });
    },
  );

  it.each(clients)(
    'tells a client of %s of a body of status 200 with an error in it, where nobody else is',
    async (client) => {
      rig = await startOver(['chat']);
      rig.upstream.answer(byVendor({ chat: jsonOf(FAULT) }));
      const answer = await ask(rig, client, false);
      expect(answer.status).toBe(502);
      expect(VENDOR_CLIENTS[client].errorOf(answer.json).message).toContain('It broke.');
      expect(await closedEvent(rig)).toMatchObject({ source: 'void', error: 'upstream_error', costMicros: 0 });
    },
  );

  it('passes a response that failed on as it is: it is an answer', async () => {
    rig = await startOver(['responses']);
    const failed = JSON.stringify({
      id: 'resp_1',
      object: 'response',
      status: 'failed',
      error: { code: 'x', message: 'y' },
      output: [],
    });
    rig.upstream.answer(byVendor({ responses: jsonOf(failed) }));
    expect(await ask(rig, 'responses', false)).toMatchObject({ status: 200, text: failed });
  });

  it.each(['converse', 'invoke'] as const)('ends a stream with a damaged frame of %s as a cut', async (vendor) => {
    rig = await startOver([vendor]);
    const [first, ...events] = cutShort(vendor);
    rig.upstream.answer(
      byVendor({
        [vendor]: [
          { head: 200, headers: { 'content-type': 'application/vnd.amazon.eventstream' } },
          ...[first!, ...events].map((write) => ({ write })),
          { write: damaged(VENDOR_ANSWERS[vendor].events(WORDS)[4] as Buffer) },
          { hang: true },
        ],
      }),
    );
    const told = VENDOR_CLIENTS.chat.read((await ask(rig, 'chat', true)).text);
    expect(told).toMatchObject({ ended: false, error: expect.stringContaining('damaged') });
    expect(await closedEvent(rig)).toMatchObject({ source: 'partial', status: 200, error: 'upstream_cut' });
    await answersOf(rig)[0]!.aborted;
  });
});

function damaged(frame: Buffer): Buffer {
  const bytes = Buffer.from(frame);
  bytes[bytes.length - 1]! ^= 0xff;
  return bytes;
}

/** Bedrock's Converse has no way to say it; a chat upstream has. */
const MANY = { model: 'public', n: 2, messages: [{ role: 'user', content: 'x' }] };

describe('a request that a candidate’s language cannot say', () => {
  let rig: Rig;
  afterEach(() => rig.close());

  it('goes to the candidate that can, and nobody else is asked', async () => {
    rig = await startOver(['anthropic', 'chat'], { users: [aUser({ role: 'admin' })] });
    rig.upstream.answer(byVendor({ chat: jsonOf(VENDOR_ANSWERS.chat.whole(TEXT)) }));
    const answer = await call(rig, { body: MANY });
    expect(answer.status).toBe(200);
    expect(rig.upstream.requests).toHaveLength(1);
    const { attempts } = await closedEvent(rig);
    expect(attempts.map(({ upstream, status, error }) => [upstream, status, error])).toEqual([
      ['anthropic', 0, 'invalid_field'],
      ['chat', 200, null],
    ]);
  });

  it.each<[ClientName, object]>([
    ['chat', MANY],
    ['gemini', { contents: [{ parts: [{ text: 'x' }] }], generationConfig: { candidateCount: 2 } }],
  ])('is a 400 in the words of a client of %s where nobody can', async (client, body) => {
    rig = await startOver(['anthropic', 'converse']);
    const { path, errorOf } = VENDOR_CLIENTS[client];
    const answer = await call(rig, { path: path(false), body });
    expect(answer.status).toBe(400);
    expect(errorOf(answer.json).message).toMatch(/n\b|candidateCount/);
    expect(rig.upstream.requests).toHaveLength(0);
    expect(await closedEvent(rig)).toMatchObject({
      source: 'void',
      status: 400,
      error: 'invalid_field',
      costMicros: 0,
    });
  });

  it('does not hide that the candidate that can say it failed, nor tell of its status twice', async () => {
    rig = await startOver(['chat', 'anthropic']);
    rig.upstream.answer(byVendor({ chat: jsonOf(FAULT, 500) }));
    const answer = await call(rig, { body: MANY });
    expect([answer.status, answer.json.error.code]).toEqual([502, 'upstream_error']);
    const { attempts } = await closedEvent(rig);
    expect(attempts.map(({ upstream, status }) => [upstream, status])).toEqual([
      ['chat', 500],
      ['anthropic', 0],
    ]);
  });
});

const GEMINI_429 = JSON.stringify({
  error: {
    code: 429,
    message: 'You exceeded your quota.',
    status: 'RESOURCE_EXHAUSTED',
    details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '12.4s' }],
  },
});
const OPENAI = (message: string): string => JSON.stringify({ error: { message, type: 't', param: null, code: 'c' } });
const ANTHROPICS = (message: string): string =>
  JSON.stringify({ type: 'error', error: { type: 'some_error', message }, request_id: 'req_1' });

describe('an error of another vendor', () => {
  let rig: Rig;
  afterEach(() => rig.close());

  const ERRORS: [
    vendor: VendorName,
    status: number,
    body: string,
    headers: Record<string, string>,
    told: [number, number | null],
  ][] = [
    ['chat', 429, OPENAI('Slow down.'), { 'retry-after': '7' }, [429, 7]],
    ['anthropic', 429, ANTHROPICS('Slow down.'), { 'retry-after': '7' }, [429, 7]],
    ['gemini', 429, GEMINI_429, {}, [429, 13]],
    ['gemini', 429, `[${GEMINI_429}]`, {}, [429, 13]],
    ['converse', 429, '{"message":"Slow down."}', {}, [429, null]],
    ['responses', 400, OPENAI('Not so.'), {}, [400, null]],
    ['converse', 400, '{"message":"Not so."}', {}, [400, null]],
    ['gemini', 404, '{"error":{"code":404,"message":"No such model.","status":"NOT_FOUND"}}', {}, [404, null]],
    ['anthropic', 413, ANTHROPICS('Too large.'), {}, [413, null]],
    ['anthropic', 529, ANTHROPICS('Overloaded.'), { 'retry-after': '3' }, [502, 3]],
    ['gemini', 503, '{"error":{"code":503,"message":"Overloaded.","status":"UNAVAILABLE"}}', {}, [502, null]],
    ['chat', 503, 'upstream connect error', {}, [502, null]],
    ['anthropic', 401, ANTHROPICS('invalid x-api-key sk-ant-api03-0123456789'), {}, [502, null]],
  ];
  const TYPES: Record<number, Partial<Record<ClientName, string>>> = {
    400: { anthropic: 'invalid_request_error', gemini: 'INVALID_ARGUMENT' },
    404: { anthropic: 'not_found_error', gemini: 'NOT_FOUND' },
    413: { anthropic: 'request_too_large', gemini: 'INVALID_ARGUMENT' },
    429: { anthropic: 'rate_limit_error', gemini: 'RESOURCE_EXHAUSTED' },
    502: { anthropic: 'api_error', gemini: 'UNAVAILABLE' },
  };
  const table = ERRORS.flatMap((error) =>
    clients
      .filter((client) => VENDOR_ANSWERS[error[0]].format !== formatOf(client))
      .flatMap((client) => [true, false].map((stream) => [client, stream, ...error] as const)),
  );

  it.each(table)(
    'is told a client of %s (stream: %s) in its own words: %s %d',
    async (client, stream, vendor, status, body, headers, told) => {
      rig = await startOver([vendor]);
      rig.upstream.answer(script(() => jsonOf(body, status, headers)));
      const answer = await ask(rig, client, stream);
      const { type, message } = VENDOR_CLIENTS[client].errorOf(answer.json);
      expect(answer.status).toBe(told[0]);
      const expected = TYPES[told[0]]?.[client === 'cc' ? 'anthropic' : client === 'array' ? 'gemini' : client];
      if (expected !== undefined) expect(type).toBe(expected);
      expect(message).not.toMatch(/sk-ant|req_1/);
      const said = (/"message":"([^"]+)"/.exec(body) ?? [])[1];
      if (said !== undefined && status !== 401) expect(message).toContain(said);
      if (told[1] !== null) expect(Number(answer.headers['retry-after'])).toBe(told[1]);
      expect(answer.headers['content-type']).toBe('application/json');
      expect(await closedEvent(rig)).toMatchObject({ source: 'void', status: told[0], costMicros: 0 });
    },
  );
});

function formatOf(client: ClientName): string {
  const FORMATS = {
    chat: 'openai-chat',
    responses: 'openai-responses',
    anthropic: 'anthropic-messages',
    cc: 'anthropic-messages',
    gemini: 'gemini',
    array: 'gemini',
  };
  return FORMATS[client];
}

describe('warnings', () => {
  let rig: Rig;
  afterEach(() => rig.close());
  const SEEDED = {
    model: 'public',
    seed: 7,
    logit_bias: { 5: 1 },
    messages: [{ role: 'user', content: 'a secret word' }],
  };

  it('stand in the answer’s head and in the record, and hold nothing of what was said', async () => {
    rig = await startOver(['anthropic']);
    rig.upstream.answer(byVendor({ anthropic: jsonOf(VENDOR_ANSWERS.anthropic.whole(TEXT)) }));
    const answer = await call(rig, { body: SEEDED });
    const told = String(answer.headers['x-sluice-warnings']).split(', ');
    expect(told).toEqual(
      expect.arrayContaining([expect.stringMatching(/:seed$/), expect.stringMatching(/:logit_bias/)]),
    );
    expect((await closedEvent(rig)).warnings).toEqual(told);
    expect(told.join()).not.toMatch(/secret|Hello/);
  });

  it('of an upstream that did not answer are none of those of the one that did', async () => {
    rig = await startOver(['anthropic', 'chat']);
    rig.upstream.answer(byVendor({ anthropic: jsonOf(FAULT, 500), chat: jsonOf(VENDOR_ANSWERS.chat.whole(TEXT)) }));
    const answer = await call(rig, { body: SEEDED });
    expect(answer.status).toBe(200);
    expect(answer.headers['x-sluice-warnings']).toBeUndefined();
    expect((await closedEvent(rig)).warnings).toEqual([]);
  });
});
