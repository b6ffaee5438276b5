import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSecretReader, type SecretReader } from '../../layers/aws/secrets/secret-reader.ts';
import { createFunctionInvoker } from '../../layers/aws/lambda-invoker.ts';
import { testAws } from '../support/embedded-tables.ts';

type Answer = { status: number; body: string; headers?: Record<string, string> };
let server: Server;
let reader: SecretReader | undefined;
afterEach(async () => {
  jest.useRealTimers();
  await reader?.close();
  reader = undefined;
  await new Promise((resolve) => {
    server.closeAllConnections();
    server.close(resolve);
  });
});

/** Answers each call by the next answer, the last one for ever. */
async function serve(
  answers: Answer[],
): Promise<{ url: string; asked: { headers: object; url: string; body: string }[] }> {
  const asked: { headers: object; url: string; body: string }[] = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      const answer = answers[Math.min(asked.length, answers.length - 1)]!;
      asked.push({ headers: request.headers, url: request.url ?? '', body });
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const secret = (values: unknown): Answer => ({
  status: 200,
  body: JSON.stringify({ ARN: 'arn:x', SecretString: typeof values === 'string' ? values : JSON.stringify(values) }),
});
const open = (url: string): SecretReader => {
  reader = createSecretReader({
    aws: testAws({ secretsmanager: url }),
    retries: { sleep: async () => undefined },
    random: () => 0,
  });
  return reader;
};

describe('the secret reader', () => {
  it('asks Secrets Manager once, signed, for parallel readers and later ones', async () => {
    const { url, asked } = await serve([secret({ v1: 'one' })]);
    const secrets = open(url);
    const values = await Promise.all([secrets.read('arn:x'), secrets.read('arn:x')]);
    expect([...values, await secrets.read('arn:x')]).toEqual([{ v1: 'one' }, { v1: 'one' }, { v1: 'one' }]);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      body: '{"SecretId":"arn:x"}',
      headers: {
        'x-amz-target': 'secretsmanager.GetSecretValue',
        authorization: expect.stringMatching(
          /^AWS4-HMAC-SHA256 Credential=test-access-key\/\d{8}\/eu-central-1\/secretsm/,
        ),
      },
    });
  });

  it('past the cache when told to, and the new value stays', async () => {
    const { url } = await serve([secret({ current: 'old' }), secret({ current: 'new' })]);
    const secrets = open(url);
    expect(await secrets.read('arn:x')).toEqual({ current: 'old' });
    expect(await secrets.readAgain('arn:x')).toEqual({ current: 'new' });
    expect(await secrets.read('arn:x')).toEqual({ current: 'new' });
  });

  it('a failed read is not remembered', async () => {
    const failures = Array.from({ length: 4 }, () => ({ status: 500, body: '{}' }));
    const { url } = await serve([...failures, secret({ v1: 'one' })]);
    const secrets = open(url);
    await expect(secrets.read('arn:x')).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await secrets.read('arn:x')).toEqual({ v1: 'one' });
  });

  it.each(['not json: hunter2', '["hunter2"]', '{"v1": {"hunter2": 1}}', '"hunter2"'])(
    'a value of another shape is refused without being quoted: %s',
    async (value) => {
      const { url } = await serve([secret(value)]);
      const error = await open(url)
        .read('arn:x')
        .then(
          () => null,
          (thrown: unknown) => thrown as Error,
        );
      expect(error?.message).toMatch(/^The secret arn:x is not/);
      expect(`${error?.stack} ${JSON.stringify(error)}`).not.toContain('hunter2');
    },
  );

  it('a secret that may not be read is an error with the name that AWS gives it', async () => {
    const { url, asked } = await serve([
      { status: 400, body: '{"__type":"AccessDeniedException","Message":"not authorized"}' },
    ]);
    await expect(open(url).read('arn:x')).rejects.toMatchObject({ name: 'AccessDeniedException' });
    expect(asked).toHaveLength(1);
  });
});

describe('the function invoker', () => {
  it('sends the payload and gives back the JSON answer', async () => {
    const { url, asked } = await serve([{ status: 200, body: '{"closed":3}' }]);
    const invoker = createFunctionInvoker({ aws: testAws({ lambda: url }) });
    expect(await invoker.invoke('sweep-fn', { olderThanMs: 0 })).toEqual({ closed: 3 });
    expect(asked).toEqual([
      expect.objectContaining({ url: '/2015-03-31/functions/sweep-fn/invocations', body: '{"olderThanMs":0}' }),
    ]);
  });

  it('throws what the function threw', async () => {
    const { url } = await serve([
      {
        status: 200,
        headers: { 'x-amz-function-error': 'Unhandled' },
        body: '{"errorType":"Error","errorMessage":"no table"}',
      },
    ]);
    const invoker = createFunctionInvoker({ aws: testAws({ lambda: url }) });
    await expect(invoker.invoke('sweep-fn', {})).rejects.toThrow('sweep-fn failed: no table');
  });

  it('never runs a function twice by itself', async () => {
    const { url, asked } = await serve([{ status: 500, body: '{"Type":"Server","message":"try again"}' }]);
    const invoker = createFunctionInvoker({ aws: testAws({ lambda: url }) });
    await expect(invoker.invoke('sweep-fn', {})).rejects.toThrow();
    expect(asked).toHaveLength(1);
  });
});
