import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AlertRuleView, AlertView, DeliveryView } from '../../layers/contract/alerts.ts';
import { isSignedBy, type Post } from '../core/monitoring/rig.ts';
import { importInto, openAiClient, until, userSays, type AdminClient } from '../support/gateway.ts';
import { moveClock } from '../support/ledger.ts';
import { keepOutOfLogs } from '../support/log-secrets.ts';
import { removeDirectory, sharedAssembly, startStack, temporaryDirectory, type Stack } from '../support/stack.ts';

/** A stack of its own: its clock is moved, and nobody else's requests count. */
const dataDirectory = temporaryDirectory('alerts');
const CLOCK = Date.parse('2031-05-06T04:00:00Z');
const MINUTE = 60_000;

interface Notice extends Post {
  type: string;
  ruleId: string;
}

let stack: Stack;
let admin: AdminClient;
let receiver: Server;
const received: Notice[] = [];

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { type, data: told } = JSON.parse(body) as { type: string; data: { rule: { id: string } } };
      const headers = request.headers as Record<string, string>;
      received.push({ url: request.url ?? '', headers, body, type, ruleId: told.rule.id });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => void receiver.listen(0, '127.0.0.1', resolve));
  const args = ['--clock', new Date(CLOCK).toISOString()];
  stack = await startStack({ cloudAssembly: sharedAssembly(), dataDirectory, args });
  const routes = (model: string) => [{ upstream: 'sandbox', model }];
  admin = await importInto(stack.ready, {
    version: 1,
    models: [
      { name: 'well', routes: routes('sandbox-chat--words-3') },
      { name: 'ill', routes: routes('sandbox-chat--500') },
    ],
  });
}, 150_000);
afterAll(async () => {
  await stack?.stop();
  receiver?.closeAllConnections();
  receiver?.close();
  removeDirectory(dataDirectory);
}, 60_000);

async function data<Value>(method: string, path: string, body?: unknown): Promise<Value> {
  const answer = await admin.call(method, path, body);
  if (answer.status >= 300)
    throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body['data'] as Value;
}

const run = (name: string): Promise<Record<string, unknown>> => data('POST', `/api/admin/schedules/${name}/run`, {});

function ask(model: string, times: number): Promise<unknown[]> {
  const client = openAiClient(stack.ready);
  const one = () =>
    client.chat.completions.create({ model, messages: userSays('Hello') }).catch((error: unknown) => error);
  return Promise.all(Array.from({ length: times }, one));
}

interface StoredMail {
  to: string[];
  subject: string;
  text: string | null;
}

function mailsTo(address: string): StoredMail[] {
  const outbox = join(dataDirectory, 'outbox');
  return readdirSync(outbox)
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .map((file) => JSON.parse(readFileSync(join(outbox, file), 'utf8')) as StoredMail)
    .filter(({ to }) => to.includes(address));
}

describe('alerts on a running stack', () => {
  test('errors fire one, told by mail and signed webhook; it is over by itself when they are', async () => {
    const { port } = receiver.address() as AddressInfo;
    const hook = { name: 'Receiver', url: `http://127.0.0.1:${port}/alerts?room=1` };
    const { id: webhookId, secret } = await data<{ id: string; secret: string }>('POST', '/api/admin/webhooks', hook);
    keepOutOfLogs('a webhook secret', secret);
    const rule = await data<AlertRuleView>('POST', '/api/admin/alerts', {
      name: 'Half of everything fails',
      metric: 'errorRate',
      threshold: 50,
      severity: 'critical',
      channels: [
        { type: 'mail', to: ['ops@example.com'], language: 'en' },
        { type: 'webhook', webhookId },
      ],
    });
    const stateOf = async (): Promise<AlertRuleView> => data('GET', `/api/admin/alerts/rules/${rule.id}`);
    const noticesOf = (type: string) => received.filter((one) => one.ruleId === rule.id && one.type === type);
    const activeOf = async (): Promise<AlertView[]> => {
      const { alerts } = await data<{ alerts: AlertView[] }>('GET', '/api/admin/alerts?type=active');
      return alerts.filter(({ ruleId }) => ruleId === rule.id);
    };

    const tested = await data<{ deliveries: DeliveryView[] }>('POST', `/api/admin/alerts/rules/${rule.id}/test`, {});
    expect(tested.deliveries.map(({ status }) => status)).toEqual(['delivered', 'delivered']);

    await ask('ill', 6);
    await run('roll-up-usage');
    await Promise.all([run('evaluate-alerts'), run('evaluate-alerts')]);
    // The schedule's own tick may be the one that sends.
    await until(async () => noticesOf('alert.fired').length > 0 && mailsTo('ops@example.com').length > 1);
    expect(await activeOf()).toMatchObject([{ status: 'active', value: 100, severity: 'critical' }]);
    const [fired] = noticesOf('alert.fired');
    expect(fired?.url).toBe('/alerts?room=1');
    expect(isSignedBy(secret, fired!)).toBe(true);
    expect(mailsTo('ops@example.com').map(({ subject }) => subject)).toEqual([
      '[Sluice] TEST: Half of everything fails',
      '[Sluice] CRITICAL: Half of everything fails',
    ]);

    await run('evaluate-alerts');
    expect([noticesOf('alert.fired').length, mailsTo('ops@example.com').length]).toEqual([1, 2]);

    await moveClock(stack.ready.sandboxUrl, CLOCK + 8 * MINUTE);
    await ask('well', 4);
    await until(async () => {
      await run('evaluate-alerts');
      return (await stateOf()).status === 'ok' && noticesOf('alert.resolved').length > 0;
    });
    expect(await activeOf()).toEqual([]);
    expect(noticesOf('alert.resolved')).toHaveLength(1);
    expect(isSignedBy(secret, noticesOf('alert.resolved')[0]!)).toBe(true);
    const past = await data<{ alerts: AlertView[] }>('GET', '/api/admin/alerts?type=history');
    const own = past.alerts.filter(({ ruleId }) => ruleId === rule.id);
    expect(own).toMatchObject([{ status: 'resolved', resolvedBecause: 'recovered' }]);
    const log = await data<{ deliveries: DeliveryView[] }>('GET', '/api/admin/alerts/deliveries');
    const toHook = log.deliveries.filter(({ target }) => target.to === webhookId);
    expect(toHook.map(({ kind, status }) => [kind, status])).toEqual([
      ['alert.resolved', 'delivered'],
      ['alert.fired', 'delivered'],
      ['alert.test', 'delivered'],
    ]);

    await data('PUT', `/api/admin/alerts/rules/${rule.id}`, { enabled: false });
    await admin.call('DELETE', `/api/admin/alerts/rules/${rule.id}`);
    await admin.call('DELETE', `/api/admin/webhooks/${webhookId}`);
  }, 120_000);

  test('health and metrics tell what was measured, and health tells nothing else', async () => {
    await ask('well', 2);
    const health = await fetch(`${stack.ready.url}/health`);
    expect(health.status).toBe(200);
    const text = await health.text();
    expect(JSON.parse(text)).toMatchObject({ database: 'connected', dependencies: { ledger: 'up', secrets: 'up' } });
    expect(text).not.toMatch(/arn:|127\.0\.0\.1|Table/);
    const latest = await until(async () => {
      const metrics = await data<{ lastHour: { requests: number; p95DurationMs: number } }>(
        'GET',
        '/api/admin/metrics',
      );
      return metrics.lastHour.requests >= 12 && metrics;
    });
    expect(latest).toMatchObject({ type: 'latest', upToDate: true, inFlight: 0, credentials: { total: 6 } });
    expect(latest.lastHour.p95DurationMs).toBeGreaterThan(0);
    const history = await data<{ points: { requests: number }[] }>('GET', '/api/admin/metrics?type=history');
    expect(history.points.reduce((sum, { requests }) => sum + requests, 0)).toBe(latest.lastHour.requests);
  }, 60_000);
});
