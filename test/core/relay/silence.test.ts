import { RELAY_TIMERS } from '@sluice/core/relay/timers';
import { chatBody, chatEvents, jsonOf, streamOf } from '../../support/fake-upstream.ts';
import { createManualScheduler, type ManualScheduler } from '../../support/manual-scheduler.ts';
import { aCredential, call, CHAT, closedEvent, startRig, until, type Rig } from './rig.ts';

const STREAM = { ...CHAT, stream: true };
const PING = ': ping\n\n';
const { firstByteMs, firstContentMs, idleMs, totalMs } = RELAY_TIMERS.byClass.chat;

function gate(): { opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

describe('silence', () => {
  let rig: Rig;
  let time: ManualScheduler;
  beforeEach(async () => {
    time = createManualScheduler();
    rig = await startRig({ scheduler: time });
  });
  afterEach(() => rig.close());

  it('of 20 s before the status begins a stream, and comments follow every 15 s', async () => {
    const { opened, open } = gate();
    rig.upstream.answer([{ waitFor: opened }, ...streamOf(chatEvents(['one']))]);
    const seen: string[] = [];
    const calling = call(rig, { body: STREAM, onData: (text) => void seen.push(text) });
    await until(() => rig.upstream.requests.length === 1);
    time.advance(19_990);
    expect(seen).toEqual([]);
    time.advance(20);
    await until(() => seen.at(-1) === PING);
    time.advance(15_000);
    await until(() => seen.at(-1) === PING + PING);
    open();
    const answer = await calling;
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch('text/event-stream');
    expect(answer.text.startsWith(PING + PING + 'data: {')).toBe(true);
    expect(answer.text.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it('between events is filled with comments that split none', async () => {
    const { opened, open } = gate();
    const events = chatEvents(['one']);
    const [first, second, ...others] = events as [string, string, ...string[]];
    const half = second.length >> 1;
    rig.upstream.answer(
      streamOf(
        [first, second.slice(0, half)],
        [{ waitFor: opened }, { write: second.slice(half) }, ...others.map((write) => ({ write }))],
      ),
    );
    let seen = '';
    const calling = call(rig, { body: STREAM, onData: (text) => void (seen = text) });
    await until(() => seen === first);
    time.advance(15_001);
    await until(() => seen === first + PING);
    open();
    const answer = await calling;
    expect(answer.text.startsWith(first + PING + second)).toBe(true);
  });

  it('of a failing upstream behind a begun stream is told inside it', async () => {
    const { opened, open } = gate();
    rig.upstream.answer([{ waitFor: opened }, ...jsonOf('{"error":{"message":"slow down"}}', 429)]);
    let seen = '';
    const calling = call(rig, { body: STREAM, onData: (text) => void (seen = text) });
    await until(() => rig.upstream.requests.length === 1);
    time.advance(20_001);
    await until(() => seen === PING);
    open();
    const answer = await calling;
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text.slice(PING.length + 6)).error).toMatchObject({
      code: 'rate_limit_exceeded',
      message: 'slow down',
    });
    expect(answer.text).not.toContain('[DONE]');
    expect(await closedEvent(rig)).toMatchObject({ source: 'void', error: 'rate_limit_exceeded', status: 200 });
  });

  it('of a body that is no stream is waited for without a word', async () => {
    const { opened, open } = gate();
    rig.upstream.answer([{ waitFor: opened }, ...jsonOf(chatBody('Hello'))]);
    const calling = call(rig);
    await until(() => rig.upstream.requests.length === 1);
    time.advance(firstByteMs - 10);
    open();
    expect((await calling).text).toBe(chatBody('Hello'));
  });
});

describe('a limit that runs out', () => {
  let rig: Rig;
  let time: ManualScheduler;
  beforeEach(async () => {
    time = createManualScheduler();
    rig = await startRig({ scheduler: time });
  });
  afterEach(() => rig.close());

  it('before the first byte: 504, and the upstream call is broken off', async () => {
    rig.upstream.answer([{ hang: true }]);
    const calling = call(rig);
    await until(() => rig.upstream.requests.length === 1);
    time.advance(firstByteMs + 1);
    const answer = await calling;
    expect(answer.status).toBe(504);
    expect(answer.json.error.code).toBe('upstream_timeout');
    await rig.upstream.requests[0]!.aborted;
    expect(await closedEvent(rig)).toMatchObject({ status: 504, error: 'upstream_timeout' });
    expect(time.waiting).toBe(0);
  });

  it('before the first content: an error inside the stream, since its headers went out', async () => {
    rig.upstream.answer([
      { head: 200, headers: { 'content-type': 'text/event-stream' } },
      { write: ': hello\n' },
      { hang: true },
    ]);
    const seen = { status: 0 };
    const calling = call(rig, { body: STREAM }).then((answer) => {
      seen.status = answer.status;
      return answer;
    });
    await until(() => rig.upstream.requests.length === 1);
    for (let waited = 0; waited <= firstContentMs && seen.status === 0; waited += 10_000) {
      await new Promise(setImmediate);
      time.advance(10_000);
    }
    const answer = await calling;
    expect(answer.text).toMatch(/"code":"upstream_timeout"/);
    expect(answer.text).not.toContain('[DONE]');
  });

  it('between two chunks: the stream ends with an error and is settled by what came', async () => {
    const events = chatEvents(['one', ' two']).slice(0, 3);
    rig.upstream.answer(streamOf(events, [{ hang: true }]));
    let seen = '';
    const calling = call(rig, { body: STREAM, onData: (text) => void (seen = text) });
    await until(() => seen.includes(' two'));
    time.advance(idleMs + 1);
    const answer = await calling;
    expect(answer.text).toMatch(/"code":"upstream_timeout"/);
    expect(await closedEvent(rig)).toMatchObject({
      source: 'partial',
      error: 'upstream_timeout',
      parts: { output: 2 },
    });
    await rig.upstream.requests[0]!.aborted;
  });

  it('in all, however lively the upstream is', async () => {
    let next = gate();
    const gates = Array.from({ length: 8 }, () => gate());
    const chunk = chatEvents(['tick'])[1] as string;
    rig.upstream.answer(
      streamOf(
        [],
        gates.flatMap(({ opened }) => [{ waitFor: opened }, { write: chunk }]),
      ),
    );
    let seen = 0;
    const calling = call(rig, { body: STREAM, onData: (text) => void (seen = text.split('tick').length - 1) });
    await until(() => rig.upstream.requests.length === 1);
    let waited = 0;
    for (const [index, current] of gates.entries()) {
      next = current;
      next.open();
      if (waited > totalMs) break;
      await until(() => seen === index + 1);
      time.advance(idleMs - 1_000);
      waited += idleMs - 1_000;
      if (waited > totalMs) break;
    }
    const answer = await calling;
    expect(answer.text).toMatch(/"code":"upstream_timeout"/);
    expect(await closedEvent(rig)).toMatchObject({ error: 'upstream_timeout', source: 'partial' });
  });
});

describe('a limit that runs out before any content', () => {
  it('lets another credential answer', async () => {
    const time = createManualScheduler();
    const rig = await startRig({
      scheduler: time,
      credentials: [aCredential('first', 'a'), aCredential('first', 'b', { priority: 1 })],
    });
    rig.upstream.answer(({ headers }) =>
      headers.authorization === 'Bearer secret-of-a' ? [{ hang: true }] : jsonOf(chatBody('Hello')),
    );
    const calling = call(rig);
    await until(() => rig.upstream.requests.length === 1);
    time.advance(firstByteMs + 1);
    expect((await calling).status).toBe(200);
    await rig.close();
  });
});
