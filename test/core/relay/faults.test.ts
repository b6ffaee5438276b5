import { chatEvents, jsonOf, streamOf, type Step } from '../../support/fake-upstream.ts';
import { call, CHAT, closedEvent, startRig, until, type Rig } from './rig.ts';

const STREAM = { ...CHAT, stream: true };
const WORDS = ['one', ' two', ' three', ' four'];
const EVENTS = chatEvents(WORDS);
/** Events of the stream that a client which did not ask for usage sees. */
const SHOWN = EVENTS.filter((event) => !event.includes('"usage"'));
const BOUNDARIES = EVENTS.map((_, index) => index);
/** Position of the usage report and of the end marker among the events. */
const REPORT = EVENTS.length - 2;

function wordsIn(events: readonly string[]): number {
  return events.filter((event) => WORDS.some((word) => event.includes(`"content":"${word}"`))).length;
}

describe('an upstream that is cut', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await startRig();
  });
  afterEach(() => rig.close());

  it.each(BOUNDARIES.slice(1))('behind event %i tells the client and is settled once by what came', async (count) => {
    const came = EVENTS.slice(0, count);
    const partial = 'data: {"choices":[{"index":0,"delta":{"content":"never';
    rig.upstream.answer(streamOf([...came, partial], [{ cut: true }]));
    const answer = await call(rig, { body: STREAM });

    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain('[DONE]');
    expect(answer.text).not.toContain('never');
    const events = answer.text.split('\n\n').filter((event) => event !== '');
    expect(JSON.parse(events.at(-1)!.slice(6)).error).toMatchObject({ code: 'upstream_cut', type: 'upstream_error' });
    expect(events.slice(0, -1).map((event) => `${event}\n\n`)).toEqual(SHOWN.slice(0, Math.min(count, REPORT)));

    const closing = await closedEvent(rig);
    expect(rig.usage.rows.size).toBe(1);
    expect(closing).toMatchObject({ status: 200, error: 'upstream_cut', upstream: 'first', credential: 'a' });
    if (count > REPORT) expect(closing).toMatchObject({ source: 'reported', parts: { output: 6, reasoning: 4 } });
    else expect(closing).toMatchObject({ source: 'partial', parts: { input: 10, output: wordsIn(came) } });
  });

  it('before its first event is an error of ours with its status when nobody else can be asked', async () => {
    rig.upstream.answer([{ cut: true }]);
    const answer = await call(rig, { body: STREAM });
    expect(answer.status).toBe(502);
    expect(answer.json.error.code).toBe('upstream_unreachable');
    expect(await closedEvent(rig)).toMatchObject({ source: 'void', status: 502, costMicros: 0 });
  });

  it.each([
    ['a page', [{ head: 200, headers: { 'content-type': 'text/html' } }, { write: '<html>Sign in</html>' }]],
    ['no content', [{ head: 204 }]],
    ['nothing', jsonOf('')],
    ['half an object', jsonOf('{"id":')],
  ] satisfies [string, Step[]][])('that says 200 with %s has not answered', async (_what, steps) => {
    for (const body of [CHAT, STREAM]) {
      rig.upstream.answer(steps);
      const answer = await call(rig, { body });
      expect(answer.status).toBe(502);
      expect(answer.json.error).toMatchObject({ code: 'upstream_error', type: 'upstream_error' });
    }
    expect(await closedEvent(rig)).toMatchObject({ source: 'void', status: 502, costMicros: 0 });
  });

  it('inside a body of which bytes went out breaks the connection', async () => {
    const large = `{"choices":[{"message":{"content":"${'x '.repeat(200 * 1024)}`;
    rig.upstream.answer([
      { head: 200, headers: { 'content-type': 'application/json' } },
      { write: large },
      { cut: true },
    ]);
    const answer = await call(rig);
    expect(answer.broken).toBe(true);
    const closing = await closedEvent(rig);
    expect(closing).toMatchObject({ source: 'partial', error: 'upstream_cut' });
    expect(closing.parts.output).toBeGreaterThan(1000);
  });

  it('inside a body of which nothing went out is a clean error', async () => {
    rig.upstream.answer([
      { head: 200, headers: { 'content-type': 'application/json', 'content-length': '500' } },
      { write: '{"choices":[' },
      { cut: true },
    ]);
    const answer = await call(rig);
    expect(answer.status).toBe(502);
    expect(answer.json.error.code).toBe('upstream_cut');
    expect((await closedEvent(rig)).source).toBe('void');
  });
});

describe('a client that leaves', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await startRig();
  });
  afterEach(() => rig.close());

  it.each(SHOWN.map((_, index) => index).slice(1, -1))(
    'behind event %i breaks the upstream call off and pays for what it got',
    async (count) => {
      const sent = SHOWN.slice(0, count);
      const never = new Promise(() => undefined);
      rig.upstream.answer(streamOf(sent, [{ waitFor: never }]));
      const wanted = sent.join('').length;
      await call(rig, { body: STREAM, onData: (text) => (text.length >= wanted ? 'leave' : undefined) });

      await rig.upstream.requests[0]!.aborted;
      const closing = await closedEvent(rig);
      expect(rig.usage.rows.size).toBe(1);
      expect(closing).toMatchObject({
        source: 'partial',
        status: 499,
        error: null,
        parts: { input: 10, output: wordsIn(sent) },
      });
      expect(closing.costMicros).toBe(10 + 2 * wordsIn(sent));
    },
  );

  it('behind the report pays what the report says', async () => {
    const sent = EVENTS.slice(0, -1);
    rig.upstream.answer(streamOf(sent, [{ hang: true }]));
    const shown = SHOWN.slice(0, -1).join('').length;
    let leave = (): void => undefined;
    const reported = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const calling = call(rig, {
      body: { ...STREAM, stream_options: { include_usage: true } },
      onData: (text) => (text.length > shown && text.includes('"total_tokens"') ? 'leave' : undefined),
    }).then(leave);
    await Promise.all([calling, reported]);
    expect(await closedEvent(rig)).toMatchObject({ source: 'reported', status: 499, parts: { output: 6 } });
  });

  it('before the upstream answered is charged the input that the upstream has read', async () => {
    rig.upstream.answer([{ hang: true }]);
    const controller = new AbortController();
    const calling = fetch(`${rig.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk-chosen-by-the-test-0123456789abcdef' },
      body: JSON.stringify(CHAT),
      signal: controller.signal,
    }).catch(() => undefined);
    await until(() => rig.upstream.requests.length === 1);
    controller.abort();
    await calling;
    await rig.upstream.requests[0]!.aborted;
    expect(await closedEvent(rig)).toMatchObject({ source: 'partial', status: 499, parts: { input: 10, output: 0 } });
  });
});

describe('a store that fails', () => {
  let rig: Rig;
  afterEach(() => rig.close());

  it('at the opening: 503, and the upstream is not called', async () => {
    rig = await startRig({
      usage: (stored) => ({ openEvent: () => Promise.reject(new Error('store down')), closeEvent: stored.closeEvent }),
    });
    const answer = await call(rig);
    expect(answer.status).toBe(503);
    expect(answer.json.error.code).toBe('store_unavailable');
    expect(answer.headers['retry-after']).toBe('1');
    expect(rig.upstream.requests).toHaveLength(0);
    expect(JSON.stringify(answer.json)).not.toContain('store down');
  });

  it('at the opening after the write had landed: the event is closed as void', async () => {
    rig = await startRig({
      usage: (stored) => ({
        openEvent: async (event) => {
          await stored.openEvent(event);
          throw new Error('the answer was lost');
        },
        closeEvent: stored.closeEvent,
      }),
    });
    expect((await call(rig)).status).toBe(503);
    expect(await closedEvent(rig)).toMatchObject({ source: 'void', status: 503, costMicros: 0 });
  });

  it('at the closing is asked again until it takes the figures', async () => {
    let failures = 3;
    rig = await startRig({
      scheduler: {
        monotonicMs: () => performance.now(),
        after: (delayMs, callback) => {
          const timer = setTimeout(callback, delayMs < 1_000 ? 0 : delayMs);
          return () => clearTimeout(timer);
        },
      },
      usage: (stored) => ({
        openEvent: stored.openEvent,
        closeEvent: (...given) => {
          failures -= 1;
          return failures >= 0 ? Promise.reject(new Error('store down')) : stored.closeEvent(...given);
        },
      }),
    });
    rig.upstream.answer(streamOf(EVENTS));
    const answer = await call(rig, { body: STREAM });
    expect(answer.text).toBe(SHOWN.join(''));
    expect(await closedEvent(rig)).toMatchObject({ source: 'reported' });
    expect(failures).toBe(-1);
  });

  it('at the closing for good leaves the answer whole and the figures in the log', async () => {
    rig = await startRig({
      scheduler: {
        monotonicMs: () => performance.now(),
        after: (delayMs, callback) => {
          const timer = setTimeout(callback, delayMs < 1_000 ? 0 : delayMs);
          return () => clearTimeout(timer);
        },
      },
      usage: (stored) => ({
        openEvent: stored.openEvent,
        closeEvent: () => Promise.reject(new Error('store down')),
      }),
    });
    rig.upstream.answer(streamOf(EVENTS));
    const answer = await call(rig, { body: STREAM });
    expect(answer).toMatchObject({ status: 200, broken: false, text: SHOWN.join('') });
    await until(() => rig.log.some(({ event }) => event === 'usage_not_closed'));
    const [entry] = rig.log.filter(({ event }) => event === 'usage_not_closed');
    expect(entry?.fields).toMatchObject({ source: 'reported', cost_micros: 36 });
  });
});

describe('many calls at once', () => {
  it('never mix: each client gets its own words and each event its own figures', async () => {
    const rig = await startRig();
    rig.upstream.answer((request): Step[] => {
      const { user } = JSON.parse(request.body) as { user: string };
      const usage = { prompt_tokens: Number(user), completion_tokens: 1, total_tokens: Number(user) + 1 };
      return streamOf(chatEvents([`word-${user}`], { usage }));
    });
    const calls = Array.from({ length: 60 }, (_, index) =>
      call(rig, { body: { ...STREAM, user: String(index + 1) }, headers: { 'x-request-id': `call-${index + 1}` } }),
    );
    const answers = await Promise.all(calls);
    for (const [index, answer] of answers.entries()) expect(answer.text).toContain(`"word-${index + 1}"`);
    await until(() => [...rig.usage.rows.values()].every((event) => event.phase === 'closed'));
    for (const event of rig.usage.rows.values()) {
      expect(event.clientRequestId).toBe(`call-${event.closing!.parts.input}`);
    }
    await rig.close();
  });
});
