import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createVault } from '../../functions/vault/app.ts';
import { publicRows } from '../../functions/vault/public-api.ts';
import { ROUTES } from '../../functions/admin/routes.ts';
import { RELAY_ROUTES } from '../../functions/relay/routes.ts';
import { call, CHAT, startRig, type Rig } from '../core/relay/rig.ts';
import { expectEnvelope, readerOf } from '../support/envelope-shapes.ts';
import { GatewayError } from '../../layers/kit/errors/gateway-error.ts';
import { systemScheduler } from '../../layers/kit/time/scheduler.ts';
import { createStage, type Stage } from './admin/support/admin-stage.ts';

/** Every row of the route data × everything that can be wrong with a call before its work begins. */

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const concrete = (path: string): string => path.replaceAll(/\{\w+\+?\}/g, 'x').replaceAll(/:\w+/g, 'x');

/** Paths with the methods that they take. */
function pathsOf(rows: readonly { method: string; path: string }[]): [path: string, refused: string][] {
  const methods = new Map<string, Set<string>>();
  for (const { method, path } of rows) {
    const known = methods.get(concrete(path)) ?? new Set();
    methods.set(concrete(path), known.add(method));
  }
  // A concrete path may fit another row's parameter, whose methods it then takes as well.
  return [...methods].flatMap(([path, taken]) => {
    const refused = METHODS.find((method) => !taken.has(method));
    return refused === undefined ? [] : [[path, refused] as [string, string]];
  });
}

describe('the control plane', () => {
  let stage: Stage;
  let authorization: Record<string, string>;
  beforeAll(async () => {
    stage = createStage();
    authorization = await stage.as('super_admin');
  });
  const guarded = ROUTES.filter(({ access }) => access !== 'public');
  const withBody = ROUTES.filter(({ body }) => body !== null);
  const name = (row: { method: string; path: string }): [string, string] => [row.method, concrete(row.path)];

  it.each(guarded.map(name))(
    '%s %s tells a caller without and with a bad session in its envelope',
    async (method, path) => {
      const bad: Record<string, string>[] = [
        {},
        { authorization: 'Bearer nonsense' },
        { cookie: 'sluice_session=nonsense' },
      ];
      for (const headers of bad) {
        const answer = await stage.call(path, { method, headers });
        expect(answer.status).toBe(401);
        expect(answer.headers['www-authenticate']).toBe('Bearer');
        expectEnvelope(readerOf(path), 401, answer.json);
      }
    },
  );

  it.each(withBody.map(name))('%s %s tells of a body that is no JSON in its envelope', async (method, path) => {
    const answer = await stage.call(path, { method, headers: authorization, body: '{"a": 1,' });
    expect(answer.status).toBe(400);
    expectEnvelope(readerOf(path), 400, answer.json);
  });

  it.each(withBody.map((row) => [...name(row), row.maxBodyBytes ?? 1024 * 1024] as const))(
    '%s %s tells of a body that is too large in its envelope, packed or not',
    async (method, path, most) => {
      const body = `{"text":"${'x'.repeat(most)}"}`;
      const plain = await stage.call(path, { method, headers: authorization, body });
      expect(plain.status).toBe(413);
      expectEnvelope(readerOf(path), 413, plain.json);
    },
  );

  it.each(pathsOf(ROUTES))('%s tells of the method %s in its envelope', async (path, method) => {
    const answer = await stage.call(path, { method, headers: authorization });
    expect(answer.status).toBe(405);
    expect(String(answer.headers['allow'])).toMatch(/^[A-Z]+(, [A-Z]+)*$/);
    expectEnvelope(readerOf(path), 405, answer.json);
  });

  it.each([...new Set(ROUTES.map(({ path }) => concrete(path)))])(
    '%s/… that is no path is a 404 in its envelope',
    async (path) => {
      const unknown = `${path}/no/such/path/%20`;
      const answer = await stage.call(unknown, { headers: authorization });
      // Names of models have slashes, so that what follows them may be another name.
      expect(path.startsWith('/api/admin/models') ? [404, 405] : [404]).toContain(answer.status);
      expectEnvelope(readerOf(unknown), answer.status, answer.json);
    },
  );
});

describe('the data plane', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig();
  });
  afterAll(() => rig.close());
  /** What follows the model's name in Google's paths. */
  const address = ({ path, operation }: (typeof RELAY_ROUTES)[number]): string =>
    operation === 'gemini' ? `${concrete(path)}:generateContent` : concrete(path);
  const rows = RELAY_ROUTES.map((row) => [row.method, address(row)] as const);
  // A job is cancelled without a body.
  const posts = RELAY_ROUTES.filter(({ operation }) => !operation.startsWith('cancel-'))
    .map((row) => [row.method, address(row)] as const)
    .filter(([method, path]) => method === 'POST' && !path.endsWith('/stream'));

  it.each(rows)('%s %s tells a caller without and with a bad key in its envelope', async (method, path) => {
    for (const authorization of ['', 'Bearer sk-nobody-has-this-key-000000000', 'Bearer eyJh.eyJz.c2ln']) {
      const body = method === 'POST' ? CHAT : '';
      const answer = await call(rig, { method, path, headers: { authorization }, body });
      expect(answer.status).toBe(401);
      expectEnvelope(readerOf(path), 401, answer.json);
    }
  });

  it.each(posts)('%s %s tells of a body that is no JSON in its envelope', async (method, path) => {
    const answer = await call(rig, { method, path, body: '{"model": "public", ' });
    expect(answer.status).toBe(400);
    expectEnvelope(readerOf(path), 400, answer.json);
  });

  it.each(posts)('%s %s tells of a body that unpacks to too much in its envelope', async (method, path) => {
    const body = gzipSync(Buffer.alloc(17 * 1024 * 1024, 0x20));
    const answer = await call(rig, { method, path, body, headers: { 'content-encoding': 'gzip' } });
    expect(answer.status).toBe(413);
    expectEnvelope(readerOf(path), 413, answer.json);
  });

  it.each(pathsOf(RELAY_ROUTES))('%s tells of the method %s in its envelope', async (path, method) => {
    const answer = await call(rig, { method, path });
    expect(answer.status).toBe(405);
    expect(String(answer.headers['allow'])).toMatch(/^[A-Z]+(, [A-Z]+)*$/);
    expectEnvelope(readerOf(path), 405, answer.json);
  });

  const prefixes = [...new Set(rows.map(([, path]) => path.split('/').slice(0, -1).join('/')))];
  it.each(prefixes)('%s/… that is no path is a 404 in its envelope', async (prefix) => {
    const path = `${prefix}/no-such-path/at/all`;
    const answer = await call(rig, { method: 'PUT', path });
    expect([404, 405]).toContain(answer.status);
    expectEnvelope(readerOf(path), answer.status, answer.json);
  });
});

describe('the vault', () => {
  const refuse = async (): Promise<never> => {
    throw new GatewayError('invalid_credentials', { message: 'The machine secret is wrong.' });
  };
  const prefix = '/public-api';
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const vending = { getAccessToken: refuse, refresh: refuse };
  const vault = createVault({
    publishKey: refuse,
    refresher: { refresh: async () => ({ outcome: 'refreshed', text: 'It is refreshed.' }) },
    exchangeCode: refuse,
    testCredential: refuse,
    revealTokens: refuse,
    rows: publicRows({ prefix, guard: { admit: refuse }, vending, checkHealth: refuse, log }),
    publicApiPrefix: prefix,
    clock: () => 0,
    scheduler: systemScheduler,
    log,
    buildId: 'test',
  });

  it.each([
    ['POST', '/public-api/health', 405],
    ['GET', '/public-api/health', 401],
    ['POST', '/public-api/refresh', 401],
    ['POST', '/public-api/get-at', 401],
    ['POST', '/public-api/no-such-path', 404],
    ['GET', '/public-api', 404],
    ['POST', '/api/vault/no-such-path', 404],
    ['GET', '/api/plugin-api/oauth/no-such-path', 404],
  ])('%s %s is a %i in its envelope', async (method, path, status) => {
    const request = { method, path, query: '', headers: {}, body: Buffer.alloc(0), clientAddress: '192.0.2.1' };
    const answer = await vault.handle(request);
    expect(answer.status).toBe(status);
    expectEnvelope(readerOf(path), status, JSON.parse(String(answer.body)));
  });
});
