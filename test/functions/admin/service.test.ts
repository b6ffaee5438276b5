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
      expect(json.dependencies).toEqual({ identity: 'up', vault: 'up', catalog: 'up', ledger: 'up', vaultKey: 'up' });
    }
  });

  it('is 503 when a dependency is down, names it and tells no cause', async () => {
    const stage = createStage();
    stage.services.usage.findEvent = () => Promise.reject(new Error('table arn:aws:x'));
    const answer = await stage.call('/health');
    expect(answer.status).toBe(503);
    expect(answer.json).toMatchObject({ status: 'unhealthy', dependencies: { ledger: 'down', catalog: 'up' } });
    expect(answer.text).not.toMatch(/arn/);
  });

  it('probes no more than once in two seconds, however often it is asked', async () => {
    const stage = createStage();
    let probes = 0;
    stage.services.usage.findEvent = async () => {
      probes += 1;
      return null;
    };
    for (let call = 0; call < 5; call += 1) await stage.call('/health');
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
