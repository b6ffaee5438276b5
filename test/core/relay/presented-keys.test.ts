import { createAccessTokenSigner } from '@sluice/core/identity/access-tokens';
import type { SessionStore } from '@sluice/core/identity/session-store';
import { chatBody, jsonOf } from '../../support/fake-upstream.ts';
import { craftTokens } from '../../support/crafted-tokens.ts';
import { aSession } from '../../support/memory-sessions.ts';
import { createMemoryCatalogStore } from '../../support/memory-stores.ts';
import {
  aKey,
  aModel,
  aUser,
  call,
  NOW,
  SECRET,
  startRig,
  type CallOptions,
  type Rig,
  type RigOptions,
} from './rig.ts';

const NO_BEARER = { authorization: '' };
const signer = createAccessTokenSigner({ seed: 'a seed of the test', version: 'v1' });
const DAY_MS = 86_400_000;
const SESSION = aSession();

let rig: Rig;
afterEach(() => rig.close());

/** @param options.finding in place of the store's reading of sessions */
async function start({ finding, ...options }: RigOptions & { finding?: SessionStore['find'] } = {}): Promise<Rig> {
  rig = await startRig({
    sessions: [SESSION],
    ...options,
    deps: {
      ...(finding && { sessions: { find: finding } }),
      catalog: createMemoryCatalogStore({
        models: [aModel(), aModel({ name: 'other' })],
        settings: { allowedUpstreamNetworks: ['127.0.0.0/8'] },
        publicKeys: [{ name: 'signing', version: 'v1', publicKey: signer.publicKey }],
      }),
    },
  });
  rig.upstream.answer(jsonOf(chatBody('Hello')));
  return rig;
}

describe('a key', () => {
  const PLACES: [place: string, change: CallOptions][] = [
    ['authorization: Bearer', {}],
    ['authorization: bearer', { headers: { authorization: `bearer   ${SECRET} ` } }],
    ['x-api-key', { headers: { ...NO_BEARER, 'x-api-key': SECRET } }],
    ['x-goog-api-key', { headers: { ...NO_BEARER, 'x-goog-api-key': SECRET } }],
    ['api-key', { headers: { ...NO_BEARER, 'api-key': SECRET } }],
    ['?key=', { headers: NO_BEARER, path: `/v1/chat/completions?key=${SECRET}` }],
    [
      'Basic credentials beside ?key=',
      { headers: { authorization: 'Basic eDp5' }, path: `/v1/chat/completions?a=b&key=${SECRET}` },
    ],
  ];

  it.each(PLACES)('is taken from %s and shown to nobody', async (_place, change) => {
    await start();
    const answer = await call(rig, change);
    expect(answer.status).toBe(200);
    const [seen] = rig.upstream.requests;
    expect(JSON.stringify([seen?.path, seen?.headers, seen?.body])).not.toContain(SECRET);
    expect(JSON.stringify(rig.log)).not.toContain(SECRET);
    expect(JSON.stringify([...rig.usage.rows.values()])).not.toContain(SECRET);
  });

  it.each(['authorization', 'x-api-key', 'x-goog-api-key', 'api-key'])(
    'that nobody has is refused in %s',
    async (name) => {
      await start();
      const value =
        name === 'authorization' ? 'Bearer sk-nobody-has-this-key-000000000' : 'sk-nobody-has-this-key-000000000';
      expect((await call(rig, { headers: { ...NO_BEARER, [name]: value } })).status).toBe(401);
    },
  );
});

describe('an access token', () => {
  const ann = aUser();
  const bearer = (token: string): CallOptions => ({ headers: { authorization: `Bearer ${token}` } });

  it('is as good as a key, wherever a key may stand, with the user’s own models', async () => {
    await start({ keys: [aKey({ models: ['other'] })] });
    const token = await signer.sign(ann, SESSION.id, NOW - 1_000);
    expect((await call(rig, bearer(token))).status).toBe(200);
    expect((await call(rig, { headers: { ...NO_BEARER, 'x-api-key': token } })).status).toBe(200);
    expect((await call(rig, { headers: NO_BEARER, path: `/v1/chat/completions?key=${token}` })).status).toBe(200);
    expect(JSON.stringify([rig.log, rig.upstream.requests])).not.toContain(token);
  });

  const REFUSED: [title: string, options: RigOptions, token: () => Promise<string>, status: number, code: string][] = [
    ['expired', {}, () => signer.sign(ann, SESSION.id, NOW - DAY_MS - 1_000), 401, 'token_expired'],
    ['of a user who is gone', { users: [] }, () => signer.sign(ann, SESSION.id, NOW), 401, 'invalid_token'],
    [
      'of a user who is disabled',
      { users: [aUser({ enabled: false })] },
      () => signer.sign(ann, SESSION.id, NOW),
      403,
      'account_disabled',
    ],
    [
      'of a user who is silenced',
      { users: [aUser({ silenced: true })] },
      () => signer.sign(ann, SESSION.id, NOW),
      403,
      'account_silenced',
    ],
    [
      'from before the user logged out everywhere',
      { users: [aUser({ validAfter: 1 })] },
      () => signer.sign(ann, SESSION.id, NOW),
      401,
      'invalid_token',
    ],
    ['of a session that was ended', { sessions: [] }, () => signer.sign(ann, SESSION.id, NOW), 401, 'invalid_token'],
    [
      'of another user’s session',
      { sessions: [aSession({ userId: 'usr_2' })] },
      () => signer.sign(ann, SESSION.id, NOW),
      401,
      'invalid_token',
    ],
    [
      'of a key version that was never published',
      {},
      () => createAccessTokenSigner({ seed: 's', version: 'v9' }).sign(ann, SESSION.id, NOW),
      401,
      'invalid_token',
    ],
  ];
  it.each(REFUSED)('that is %s is refused', async (_title, options, make, status, code) => {
    await start(options);
    const answer = await call(rig, bearer(await make()));
    expect([answer.status, answer.json.error.code]).toEqual([status, code]);
    expect(rig.upstream.requests).toHaveLength(0);
  });

  it('costs two reads in the life of the cache, not two a request', async () => {
    const asked: string[] = [];
    await start({
      finding: async (id) => {
        asked.push(id);
        return SESSION;
      },
    });
    const token = await signer.sign(ann, SESSION.id, NOW);
    for (let index = 0; index < 5; index += 1) expect((await call(rig, bearer(token))).status).toBe(200);
    expect(asked).toEqual([SESSION.id]);
  });

  it('is good in a session that a change of the password has let live, whichever was read first', async () => {
    const stamped = { ...SESSION, validAfter: 7 };
    const reads = [SESSION, stamped];
    await start({ users: [aUser({ validAfter: 7 })], finding: async () => reads.shift() ?? stamped });
    expect((await call(rig, bearer(await signer.sign(ann, SESSION.id, NOW)))).status).toBe(200);
  });

  it('is not called wrong when the sessions cannot be read', async () => {
    await start({ finding: () => Promise.reject(new Error('the table is away')) });
    const answer = await call(rig, bearer(await signer.sign(ann, SESSION.id, NOW)));
    expect([answer.status, answer.json.error.code]).toEqual([503, 'store_unavailable']);
  });

  describe('as an attacker would write it', () => {
    const SEED = 'a seed of the test';
    const { right, expired, wrong } = craftTokens({ seed: SEED, userId: ann.id, sessionId: SESSION.id, nowMs: NOW });

    it('is taken when it is right in everything', async () => {
      await start();
      expect((await call(rig, bearer(right))).status).toBe(200);
    });

    it('is told to have expired when it has', async () => {
      await start();
      expect((await call(rig, bearer(expired))).json.error.code).toBe('token_expired');
    });

    it.each(wrong)('%s is refused', async (_title, token) => {
      await start();
      const answer = await call(rig, bearer(token));
      expect(answer.status).toBe(401);
      expect(['invalid_token', 'invalid_api_key']).toContain(answer.json.error.code);
      expect(rig.upstream.requests).toHaveLength(0);
    });
  });
});
