import { functionUrlEvent, installFakeLambda, invoke } from '../../aws/lambda/fake-lambda.ts';
import { chatBody, chatEvents, jsonOf, streamOf } from '../../support/fake-upstream.ts';
import { CHAT, SECRET, startRig, type Rig } from './rig.ts';

installFakeLambda();
const { createStreamedHandler } = await import('@sluice/aws/lambda/door');

describe('the relay behind a function URL', () => {
  let rig: Rig;
  let handler: unknown;
  beforeEach(async () => {
    rig = await startRig();
    handler = createStreamedHandler({
      handle: rig.handle,
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
      originSecret: { read: async () => ({ current: 's' }), readAgain: async () => ({ current: 's' }) },
      encodeError: (_request, error) => ({ status: error.status, headers: {}, body: error.code }),
    });
  });
  afterEach(() => rig.close());

  const event = (body: object, path = '/v1/chat/completions', method = 'POST'): object =>
    functionUrlEvent({
      path,
      method,
      headers: { authorization: `Bearer ${SECRET}`, 'x-sluice-origin-secret': 's' },
      body: JSON.stringify(body),
    });

  it('streams, and closes the body only behind the settlement', async () => {
    const events = chatEvents(['one', ' two']);
    rig.upstream.answer(streamOf(events));
    const { stream, done } = invoke(handler, event({ ...CHAT, stream: true, stream_options: { include_usage: true } }));
    let phaseAtClose: string | undefined;
    stream.on('finish', () => {
      phaseAtClose = [...rig.usage.rows.values()][0]?.phase;
    });
    const answer = await done;
    expect(answer).toMatchObject({ statusCode: 200, body: events.join(''), ended: true });
    expect(answer.headers['content-type']).toMatch('text/event-stream');
    expect(phaseAtClose).toBe('closed');
  });

  it('answers whole bodies, errors and HEAD as the plain server does', async () => {
    rig.upstream.answer(jsonOf(chatBody('Hello')));
    expect(await invoke(handler, event(CHAT)).done).toMatchObject({ statusCode: 200, body: chatBody('Hello') });
    const refused = await invoke(handler, event({ ...CHAT, model: 'nope' })).done;
    expect(refused.statusCode).toBe(404);
    expect(JSON.parse(refused.body).error.code).toBe('model_not_found');
    expect(await invoke(handler, event({}, '/v1/models', 'HEAD')).done).toMatchObject({ statusCode: 200, body: '' });
  });

  it('breaks off a body whose upstream was cut behind its first bytes', async () => {
    const large = `{"choices":[{"message":{"content":"${'x '.repeat(200 * 1024)}`;
    rig.upstream.answer([
      { head: 200, headers: { 'content-type': 'application/json' } },
      { write: large },
      { cut: true },
    ]);
    await expect(invoke(handler, event(CHAT)).done).rejects.toThrow('broken off');
  });
});
