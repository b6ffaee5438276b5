import { gzipSync } from 'node:zlib';
import { PERMISSIONS, roleHas } from '../../../layers/core/identity/permissions.ts';
import type { Role } from '../../../layers/core/identity/store.ts';
import { createAdmin } from '../../../functions/admin/app.ts';
import { ROUTES } from '../../../functions/admin/routes.ts';
import { createStage } from './support/admin-stage.ts';

const ROLES: Role[] = ['user', 'admin', 'super_admin'];
/** A path with something in every parameter. */
const concrete = (path: string): string => path.replaceAll(/\{\w+\+?\}/g, 'x');
/** Whose bare call says everything. */
const WITHOUT_BODY = new Set([
  '/api/auth/logout-all',
  '/api/v1/admin/cache/online/clear',
  '/api/admin/credentials/{upstream}/{id}/tokens-aside/{attempt}/adopt',
]);
const PUBLIC = [
  'GET /health',
  'GET /api/health',
  'GET /api/openapi.json',
  'GET /api/docs',
  'GET /api/redoc',
  'POST /api/auth/login',
  'POST /api/auth/logout',
  'POST /api/auth/refresh',
  'POST /api/auth/register',
  'POST /api/auth/verify-email',
  'POST /api/auth/forgot-password',
  'POST /api/auth/verify-reset-token',
  'POST /api/auth/reset-password',
  'GET /api/auth/check-username',
  'POST /api/v1/admin/login',
  'POST /api/v1/admin/logout',
];

describe('the table of routes', () => {
  it('names every method and path once', () => {
    const names = ROUTES.map((row) => `${row.method} ${row.path}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('leaves open to everybody what is listed here and nothing else', () => {
    const open = ROUTES.filter((row) => row.access === 'public').map((row) => `${row.method} ${row.path}`);
    expect(open.toSorted()).toEqual(PUBLIC.toSorted());
  });

  it.each(ROUTES.map((row) => [`${row.method} ${row.path}`, row] as const))(
    '%s has permission, summary and schemas',
    (_name, row) => {
      expect(row.access === 'public' || PERMISSIONS.includes(row.access)).toBe(true);
      expect(row.summary.length).toBeGreaterThan(3);
      const answersText = [
        '/api/docs',
        '/api/redoc',
        '/api/admin/redemption-codes/export',
        '/api/usage/logs.csv',
      ].includes(row.path);
      expect(row.answer === null).toBe(answersText);
      const isSent =
        row.method === 'PUT' ||
        row.method === 'PATCH' ||
        (row.method === 'POST' && !WITHOUT_BODY.has(row.path)) ||
        // The contract names the key in the body.
        `${row.method} ${row.path}` === 'DELETE /api/user/api-keys';
      expect(row.body !== null).toBe(isSent);
    },
  );

  const guarded = ROUTES.filter((row) => row.access !== 'public');
  it.each(guarded.map((row) => [`${row.method} ${row.path}`, row] as const))(
    '%s refuses a caller without a session with 401',
    async (_name, row) => {
      const answer = await createStage().call(concrete(row.path), { method: row.method });
      expect(answer.status).toBe(401);
      expect(answer.json).toMatchObject({ success: false, error_code: 'MISSING_SESSION' });
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    },
  );

  const refusals = guarded.flatMap((row) =>
    ROLES.filter((role) => row.access !== 'public' && !roleHas(role, row.access)).map((role) => [role, row] as const),
  );
  it.each(refusals.map(([role, row]) => [role, `${row.method} ${row.path}`, row] as const))(
    'refuses the role %s on %s with 403, whatever it sends',
    async (role, _name, row) => {
      const stage = createStage();
      const answer = await stage.call(concrete(row.path), { method: row.method, headers: await stage.as(role) });
      expect(answer.status).toBe(403);
      expect(answer.json.error_code).toBe('FORBIDDEN');
    },
  );

  it('gives each role what the one before it has', () => {
    for (const permission of PERMISSIONS) {
      const having = ROLES.map((role) => roleHas(role, permission));
      expect(having).toEqual(having.toSorted());
    }
  });

  it('lets only a super administrator import, export, change settings and run schedules', () => {
    for (const permission of [
      'configuration:import',
      'configuration:export',
      'settings:manage',
      'schedules:run',
    ] as const) {
      expect(ROLES.filter((role) => roleHas(role, permission))).toEqual(['super_admin']);
    }
  });
});

describe('a call that fits no route', () => {
  it('gets 404 in the admin envelope for an unknown path', async () => {
    const answer = await createStage().call('/api/nothing');
    expect(answer.status).toBe(404);
    expect(answer.json).toMatchObject({ success: false, error_code: 'NOT_FOUND' });
    expect(answer.json.detail).toBe(answer.json.error);
    expect(answer.json.message).toBe(answer.json.error);
  });

  it('gets the chat contract envelope under /api/chat', async () => {
    const { json } = await createStage().call('/api/chat/nothing');
    expect(Object.keys(json)).toEqual(['success', 'error']);
  });

  it('gets 405 with the methods that the path takes', async () => {
    const answer = await createStage().call('/api/keys/key_x', { method: 'POST' });
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toBe('GET, HEAD, PATCH, DELETE');
  });

  it('gets 404 for a parameter that is not valid percent-encoding', async () => {
    const stage = createStage();
    const answer = await stage.call('/api/keys/%E0%A4%A', { headers: await stage.as('user') });
    expect(answer.status).toBe(404);
  });

  it('gets 404 for a parameter that is longer than any name or id, also when it is folded', async () => {
    const stage = createStage();
    const headers = await stage.as('super_admin');
    for (const text of ['x'.repeat(1_500), '\ufdfa'.repeat(60)]) {
      const id = encodeURIComponent(text);
      for (const path of ['/api/admin/users', '/api/admin/plans', '/api/admin/webhooks', '/api/keys']) {
        expect((await stage.call(`${path}/${id}`, { headers })).json).toMatchObject({ error_code: 'NOT_FOUND' });
      }
    }
    const longest = await stage.call(`/api/admin/models/${'m'.repeat(200)}`, { method: 'DELETE', headers });
    expect(longest.json.error).toContain('model');
  });

  it('answers HEAD like GET, without a body', async () => {
    const answer = await createStage().call('/health', { method: 'HEAD' });
    expect([answer.status, answer.text]).toEqual([200, '']);
  });
});

describe('a body that cannot be read', () => {
  it('is refused with the place of the fault and without a word of its text', async () => {
    const answer = await createStage().call('/api/auth/login', { body: '{"username":"admin",\n "password": secret}' });
    expect(answer.status).toBe(400);
    expect(answer.json.error_code).toBe('INVALID_JSON');
    expect(answer.json.error).toMatch(/line 2, column 14/);
    expect(answer.json.error).not.toMatch(/secret/);
  });

  it('is refused with 415 when it is no JSON by its type', async () => {
    const answer = await createStage().call('/api/auth/login', {
      body: 'username=admin',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(answer.status).toBe(415);
  });

  it('is refused with every field at fault when its shape is wrong', async () => {
    const stage = createStage();
    const answer = await stage.call('/api/keys', { body: { name: '', colour: 1 }, headers: await stage.as('user') });
    expect(answer.status).toBe(400);
    expect(answer.json.errors.map((issue: { path: string }) => issue.path)).toEqual(['name', 'colour']);
  });

  it('is asked for when there is none', async () => {
    const answer = await createStage().call('/api/auth/login', { method: 'POST' });
    expect(answer.status).toBe(400);
    expect(answer.json.error).toMatch(/needs a JSON body/);
  });
});

describe('a failure of our own', () => {
  it('is a 500 that tells the caller nothing and the log the cause', async () => {
    const stage = createStage();
    stage.identity.findUserById = () => Promise.reject(new Error('table gone: arn:secret'));
    const answer = await stage.call('/api/auth/me', {
      headers: await stage.as('user').catch(async () => ({
        authorization: `Bearer ${await (await stage.services.signer()).sign({ id: 'u', username: 'u', role: 'user' }, 's', stage.now.ms)}`,
      })),
    });
    expect(answer.status).toBe(500);
    expect(answer.text).not.toMatch(/table gone/);
    expect(stage.log.join()).toMatch(/table gone/);
  });
});

describe('a body that is too large', () => {
  const login = (length: number) => ({ username: 'admin', password: 'x'.repeat(length) });

  it('is refused with 413 before anything reads it, by the limit of its own row', async () => {
    const small = await createStage().call('/api/auth/login', { body: login(20_000) });
    const stage = createStage();
    const usual = await stage.call('/api/keys', {
      body: { name: 'x'.repeat(1024 * 1024) },
      headers: await stage.as('user'),
    });
    expect([small.status, usual.status]).toEqual([413, 413]);
    expect(small.json).toMatchObject({ success: false, error_code: 'BODY_TOO_LARGE' });
  });

  it('is refused when only its content-encoding makes it small', async () => {
    const handle = createAdmin(createStage().services);
    const answer = await handle({
      method: 'POST',
      path: '/api/auth/login',
      query: '',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync(JSON.stringify(login(1_000_000))),
      clientAddress: '192.0.2.1',
    });
    expect(answer.status).toBe(413);
  });

  it('is taken by the import, which is made for documents', async () => {
    const stage = createStage();
    const headers = await stage.as('super_admin');
    const document = { version: 1, settings: { browserOrigins: ['x'.repeat(2 * 1024 * 1024)] } };
    expect((await stage.call('/api/admin/import', { body: document, headers })).status).toBe(400);
  });
});
