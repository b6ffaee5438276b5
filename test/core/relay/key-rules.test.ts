import { afterEach, describe, expect, it } from '@jest/globals';
import { keyOfToken } from '../../../layers/core/relay/caller-state.ts';
import { chatBody, chatEvents, jsonOf, streamOf } from '../../support/fake-upstream.ts';
import { createMemoryKeyUses } from '../../support/memory-key-uses.ts';
import {
  aCredential,
  aKey,
  aModel,
  anUpstream,
  aUser,
  call,
  CHAT,
  NOW,
  startRig,
  until,
  type Rig,
  type RigOptions,
} from './rig.ts';

let rig: Rig;
afterEach(() => rig.close());

async function start(options: RigOptions): Promise<void> {
  rig = await startRig(options);
  rig.upstream.answer(jsonOf(chatBody('Hello')));
}

describe('a key with a list of addresses', () => {
  it('is as good as any from there', async () => {
    await start({ keys: [aKey({ allowedIps: ['192.0.2.1', '127.0.0.0/8'] })] });
    expect((await call(rig)).status).toBe(200);
  });

  it.each([
    ['/v1/chat/completions', { error: { type: 'permission_error', code: 'ip_not_allowed' } }],
    ['/v1/messages', { type: 'error', error: { type: 'permission_error' } }],
    ['/v1beta/models/public:generateContent', { error: { code: 403, status: 'PERMISSION_DENIED' } }],
    ['/api/chat', { success: false, error: expect.stringMatching(/address 127\.0\.0\.1/) }],
  ])('is refused elsewhere in the language of %s, whatever the caller says of its address', async (path, body) => {
    await start({ keys: [aKey({ allowedIps: ['192.0.2.0/24', '2001:db8::/32'] })] });
    const headers = { 'x-forwarded-for': '192.0.2.1', 'x-real-ip': '192.0.2.1', forwarded: 'for=192.0.2.1' };
    const answer = await call(rig, { path, headers });
    expect(answer.status).toBe(403);
    expect(answer.json).toMatchObject(body);
    expect(rig.upstream.requests).toEqual([]);
  });
});

describe('a key with a channel', () => {
  const upstreams = (baseUrl: string) => [
    anUpstream('first', baseUrl),
    anUpstream('second', baseUrl, { vendor: 'openai' }),
  ];
  const route = (upstream: string) => ({ upstream, model: `of-${upstream}`, priority: 0, weight: 1 });
  const models = [
    aModel({ routes: [route('first'), route('second')] }),
    aModel({ name: 'only-first', routes: [route('first')] }),
  ];
  const credentials = [aCredential('first', 'a'), aCredential('second', 'b')];
  const within = (channel: string | null) => start({ keys: [aKey({ channel })], upstreams, models, credentials });

  it.each(['second', 'SECOND', 'openai'])('reaches the upstreams of its channel alone: %s', async (channel) => {
    await within(channel);
    for (let count = 0; count < 5; count += 1) expect((await call(rig)).status).toBe(200);
    expect(new Set(rig.upstream.requests.map(({ body }) => (JSON.parse(body) as { model: string }).model))).toEqual(
      new Set(['of-second']),
    );
  });

  it('is told that a model is not served there, and does not see it in the list', async () => {
    await within('openai');
    const refused = await call(rig, { body: { model: 'only-first', messages: [{ role: 'user', content: 'Hi' }] } });
    expect([refused.status, refused.json.error.code]).toEqual([403, 'model_not_allowed']);
    const list = await call(rig, { method: 'GET', path: '/v1/models' });
    expect(list.json.data.map(({ id }: { id: string }) => id)).toEqual(['public']);
    expect((await call(rig, { method: 'GET', path: '/v1/models/only-first' })).status).toBe(404);
  });

  it('that no upstream belongs to reaches nothing', async () => {
    await within('nobody-has-this');
    expect((await call(rig)).status).toBe(403);
    expect((await call(rig, { method: 'GET', path: '/v1/models' })).json.data).toEqual([]);
  });

  it('of none reaches all', async () => {
    await within(null);
    const list = await call(rig, { method: 'GET', path: '/v1/models' });
    expect(list.json.data).toHaveLength(2);
  });
});

describe('the key of an access token', () => {
  it('has the channel that its caller names, and no other sort of word', async () => {
    await start({});
    expect(keyOfToken(aUser(), { 'x-api-type': ' openai ' }).channel).toBe('openai');
    expect(keyOfToken(aUser(), {}).channel).toBeNull();
    expect(keyOfToken(aUser(), { 'x-api-type': 'antigravity' }).channel).toBeNull();
    expect(() => keyOfToken(aUser(), { 'x-api-type': 'a b' })).toThrow(/X-Api-Type/);
  });
});

describe('the use of a key', () => {
  it('is written at most once a minute, by requests that were refused and by lists too', async () => {
    const keyUses = createMemoryKeyUses();
    const noted: [string, number][] = [];
    const clock = { ms: NOW };
    const store = {
      noteUse: async (keyId: string, at: number) => {
        noted.push([keyId, at]);
        await keyUses.noteUse(keyId, at);
      },
    };
    await start({ deps: { keyUses: store, clock: () => clock.ms } });
    await call(rig);
    await call(rig, { method: 'GET', path: '/v1/models' });
    clock.ms += 59_999;
    await call(rig);
    expect(noted).toEqual([['key_1', NOW]]);
    clock.ms += 1;
    await call(rig, { body: { model: 'unknown', messages: [{ role: 'user', content: 'Hi' }] } });
    clock.ms += 60_000;
    await call(rig, { method: 'GET', path: '/v1/models' });
    expect(noted.slice(1)).toEqual([
      ['key_1', NOW + 60_000],
      ['key_1', NOW + 120_000],
    ]);
  });

  it('is not written for a key that is refused', async () => {
    const noted: string[] = [];
    const keyUses = { noteUse: async (keyId: string) => void noted.push(keyId) };
    await start({ keys: [aKey({ enabled: false })], deps: { keyUses } });
    await call(rig);
    await call(rig, { headers: { authorization: 'Bearer sk-nobody-has-this-key-000000000' } });
    expect(noted).toEqual([]);
  });

  it('that cannot be written harms no request', async () => {
    await start({ deps: { keyUses: { noteUse: () => Promise.reject(new Error('no table')) } } });
    expect((await call(rig)).status).toBe(200);
    await until(() => rig.log.some(({ event }) => event === 'key_use_not_noted'));
  });

  it('is written before the answer ends, beside the settlement', async () => {
    const steps: string[] = [];
    let release = (): void => undefined;
    const noteUse = () =>
      new Promise<void>((resolve) => {
        steps.push('begun');
        release = resolve;
      });
    await start({ deps: { keyUses: { noteUse } } });
    rig.upstream.answer(streamOf(chatEvents(['Hello'])));
    const answer = call(rig, {
      body: { ...CHAT, stream: true },
      onData: (text) => {
        if (!text.includes('Hello')) return undefined;
        steps.push('content');
        return undefined;
      },
    }).then((answered) => {
      steps.push('ended');
      return answered;
    });
    await until(() => steps.includes('begun') && steps.includes('content'));
    expect(steps).not.toContain('ended');
    release();
    expect((await answer).status).toBe(200);
  });
});

describe('a silenced owner', () => {
  it('reads lists and has no model called', async () => {
    await start({ users: [aUser({ silenced: true })] });
    expect((await call(rig, { method: 'GET', path: '/v1/models' })).status).toBe(200);
    expect((await call(rig, { method: 'GET', path: '/api/chat/sessions' })).status).toBe(200);
    for (const path of ['/v1/chat/completions', '/v1/messages', '/v1/messages/count_tokens', '/api/chat']) {
      expect((await call(rig, { path })).status).toBe(403);
    }
    expect(rig.upstream.requests).toEqual([]);
  });
});
