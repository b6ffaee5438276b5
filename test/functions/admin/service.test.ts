import { jest } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DATA_PLANE_PATHS } from '../../../functions/admin/data-plane-paths.ts';
import { ROUTES } from '../../../functions/admin/routes.ts';
import { VERSION } from '../../../functions/admin/version.ts';
import { createStage, type Json, type Stage } from './support/admin-stage.ts';

async function withDocs(): Promise<Stage> {
  const stage = createStage();
  await stage.catalog.changeSettings({ apiDocs: true });
  return stage;
}

describe('health', () => {
  it('tells build, version and each dependency, to anybody, on both paths', async () => {
    const stage = createStage();
    stage.now.ms += 5000;
    for (const path of ['/health', '/api/health']) {
      const { status, json } = await stage.call(path);
      expect(status).toBe(200);
      expect(json).toMatchObject({
        status: 'healthy',
        service: 'sluice-admin',
        build: { sha: 'test-build' },
        uptime: 5,
      });
      const all = ['identity', 'vault', 'catalog', 'ledger', 'secrets', 'vaultKey'];
      expect(json.dependencies).toEqual(Object.fromEntries(all.map((name) => [name, 'up'])));
      expect(json).toMatchObject({ database: 'connected', bindings: { db: true }, version: '0.1.0' });
      expect(json.components.database.status).toBe('healthy');
    }
  });

  it('is 503 when a dependency is down, names it and tells no cause', async () => {
    const stage = createStage();
    stage.services.rollUps.readState = () => Promise.reject(new Error('table arn:aws:x'));
    const answer = await stage.call('/health');
    expect(answer.status).toBe(503);
    expect(answer.json).toMatchObject({ status: 'unhealthy', dependencies: { ledger: 'down', catalog: 'up' } });
    expect(answer.json).toMatchObject({ database: 'disconnected', components: { database: { status: 'unhealthy' } } });
    expect(answer.text).not.toMatch(/arn/);
  });

  it('waits for a store that hangs no longer than two seconds, and calls it down', async () => {
    jest.useFakeTimers();
    try {
      const stage = createStage();
      stage.services.identity.findUserById = () => new Promise(() => {});
      const asked = Promise.all([stage.call('/health'), stage.call('/api/health')]);
      await jest.advanceTimersByTimeAsync(2_000);
      for (const answer of await asked) {
        expect(answer.status).toBe(503);
        expect(answer.json.dependencies).toMatchObject({ identity: 'down', catalog: 'up' });
      }
    } finally {
      jest.useRealTimers();
    }
  });

  it('says how far the schedules have come, and is degraded, not down, when they are late', async () => {
    const stage = createStage();
    const never = (await stage.call('/health')).json;
    expect(never.schedules).toEqual({ roll_up_age_seconds: null, sweep_age_seconds: null });
    expect(never.components.sweep.status).toBe('unknown');
    const minutesAgo = (minutes: number): number => stage.now.ms - minutes * 60_000;
    stage.services.sweep.readSweptUntil = async () => minutesAgo(25);
    stage.services.rollUps.readState = async () => ({
      revision: 1,
      closedUntil: minutesAgo(120),
      auditedUntil: 0,
      begunAt: 0,
      offsetMinutes: 0,
    });
    stage.now.ms += 2000;
    const late = await stage.call('/health');
    expect([late.status, late.json.status]).toEqual([200, 'degraded']);
    expect(late.json.schedules).toEqual({ roll_up_age_seconds: 7200, sweep_age_seconds: 1500 });
    expect(late.json.components).toMatchObject({ roll_ups: { status: 'late' }, sweep: { status: 'healthy' } });
  });

  it('leaks neither names of tables nor settings', async () => {
    const { text } = await createStage().call('/health');
    expect(text).not.toMatch(/arn:|Table|pepper-of|https?:|192\.0\.2/);
  });

  it('probes no more than once in two seconds, however often it is asked', async () => {
    const stage = createStage();
    let probes = 0;
    stage.services.rollUps.readState = async () => {
      probes += 1;
      return null;
    };
    await Promise.all(Array.from({ length: 5 }, () => stage.call('/health')));
    stage.now.ms += 2000;
    await stage.call('/health');
    expect(probes).toBe(2);
  });

  it('carries the version of package.json', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(VERSION).toBe(version);
  });
});

describe('every answer', () => {
  it('carries our request id, the client id where it is fit, and the build', async () => {
    const stage = createStage();
    const echoed = await stage.call('/health', { headers: { 'x-request-id': 'trace-1' } });
    const unfit = await stage.call('/api/none', { headers: { 'x-request-id': 'a b' } });
    expect(echoed.headers).toMatchObject({ 'x-request-id': 'trace-1', 'x-sluice-build': 'test-build' });
    expect(unfit.headers['x-request-id']).toBe(unfit.headers['x-sluice-request-id']);
    expect(unfit.json.request_id).toBe(unfit.headers['x-sluice-request-id']);
    expect(echoed.headers['cache-control']).toBe('no-store');
  });
});

describe('the API document', () => {
  it.each(['/api/openapi.json', '/api/docs', '/api/redoc'])(
    '%s is not there while it is switched off',
    async (path) => {
      expect((await createStage().call(path)).status).toBe(404);
    },
  );

  it('has every route of the table and of the data plane', async () => {
    const { json } = await (await withDocs()).call('/api/openapi.json');
    for (const row of [...ROUTES, ...DATA_PLANE_PATHS]) {
      expect(json.paths[row.path.replace('+}', '}')]?.[row.method.toLowerCase()]).toBeDefined();
    }
  });

  it('is well formed: ids once, parameters declared, answers described, references that lead somewhere', async () => {
    const { json } = await (await withDocs()).call('/api/openapi.json');
    expect(json.openapi).toBe('3.1.0');
    const operations = Object.entries<Json>(json.paths).flatMap(([path, methods]) =>
      Object.values<Json>(methods).map((operation) => ({ path, operation })),
    );
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of operations) {
      const declared = (operation.parameters ?? [])
        .filter((parameter: Json) => parameter.in === 'path')
        .map((parameter: Json) => parameter.name);
      expect(declared).toEqual([...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]));
      expect(Object.keys(operation.responses)).toContain('default');
      expect(json.tags.map((tag: Json) => tag.name)).toEqual(expect.arrayContaining(operation.tags));
      for (const requirement of operation.security) {
        expect(json.components.securitySchemes).toHaveProperty(Object.keys(requirement)[0] ?? '');
      }
    }
    const references = [...JSON.stringify(json).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
    for (const [, name] of references) expect(json.components.schemas).toHaveProperty(name ?? '');
    expect(JSON.stringify(json)).not.toContain('"$schema"');
  });

  it('describes prices as they are written, in dollars', async () => {
    const { json } = await (await withDocs()).call('/api/openapi.json');
    const body = json.paths['/api/admin/import'].post.requestBody.content['application/json'].schema;
    const price = body.properties.models.items.properties.price;
    expect(JSON.stringify(price)).toContain('inputPerMillion');
    expect(JSON.stringify(price)).not.toContain('inputMicros');
  });

  it('reads as a page without scripts whose style its policy allows', async () => {
    const { headers, text } = await (await withDocs()).call('/api/docs');
    expect(headers['content-type']).toMatch(/^text\/html/);
    const style = /<style>([^]*?)<\/style>/.exec(text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers['content-security-policy']).toContain(`style-src 'sha256-${hash}'`);
    expect(text).not.toMatch(/<script|javascript:|https?:\/\/(?!api\.|app\.)/);
    expect(text).not.toMatch(/ style="| on\w+="/);
    expect(text).toContain('name="viewport"');
    expect(text).toContain('prefers-color-scheme:dark');
    for (const row of ROUTES) expect(text).toContain(row.path.replace('+}', '}'));
  });

  it('is where /api/redoc leads', async () => {
    const { status, headers } = await (await withDocs()).call('/api/redoc');
    expect([status, headers['location']]).toEqual([302, '/api/docs']);
  });
});
