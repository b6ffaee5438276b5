import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { withRetries } from '../../layers/aws/retries.ts';
import { AwsError } from '../../layers/aws/aws-error.ts';
import { REQUEST_PATH_RETRIES } from '../../layers/aws/retries.ts';
import { createSecretReader } from '../../layers/aws/secrets/secret-reader.ts';
import { createSignedTableClient } from '../../layers/aws/signed-table-client.ts';
import { listen, stop } from '../support/fake-upstream.ts';
import { testAws } from '../support/embedded-tables.ts';

describe('a store that takes calls and never answers', () => {
  let server: Server;
  let url: string;
  let seen: string[] = [];
  beforeAll(async () => {
    server = createServer((request) => {
      seen.push(String(request.headers['x-amz-target']).split('.').at(-1) ?? '');
      request.resume();
    });
    await listen(server);
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => stop(server));
  beforeEach(() => {
    seen = [];
  });

  const key = { pk: 'a', sk: 'b' };
  const table = 'T';
  const clientWith = (retries: object) =>
    createSignedTableClient({
      aws: testAws({ dynamodb: url }),
      answerTimeoutMs: 50,
      retries: { sleep: async () => undefined, ...retries },
    });
  const unavailable = { code: 'store_unavailable', status: 503, retryAfterSeconds: 1 };

  it('is asked once for a reading that somebody waits for, and four times in the background', async () => {
    const hasty = clientWith({ readsWithinMs: 0 });
    await expect(hasty.get({ table, key })).rejects.toMatchObject(unavailable);
    expect(seen).toEqual(['GetItem']);
    await hasty.close();
    const patient = clientWith({});
    await expect(patient.get({ table, key })).rejects.toMatchObject(unavailable);
    expect(seen).toEqual(Array.from({ length: 5 }, () => 'GetItem'));
    await patient.close();
  }, 60_000);

  it('is told a write once, unless telling it again is harmless', async () => {
    const client = clientWith({ readsWithinMs: 0, attempts: 2 });
    await expect(client.update({ table, key, update: 'ADD n :one', values: { ':one': 1 } })).rejects.toMatchObject(
      unavailable,
    );
    expect(seen).toEqual(['UpdateItem']);
    await expect(client.put({ table, item: key, repeatable: true })).rejects.toMatchObject(unavailable);
    expect(seen).toEqual(['UpdateItem', 'PutItem', 'PutItem']);
    await client.close();
  }, 60_000);

  it('keeps a secret’s reader waiting no longer', async () => {
    const reader = createSecretReader({ aws: testAws({ secretsmanager: url }), retries: { readsWithinMs: 0 } });
    await expect(reader.read('arn:x')).rejects.toMatchObject(unavailable);
    expect(seen).toEqual(['GetSecretValue']);
    await reader.close();
  }, 60_000);
});

describe('the patience of the request path', () => {
  it('is less than one time-out of the store, so that a reading that timed out is not sent again', () => {
    expect(REQUEST_PATH_RETRIES.readsWithinMs).toBeLessThan(3_000);
  });

  it.each(['lost', 'not-sent', 'not-applied'] as const)('covers quick failures: %s', async (kind) => {
    let sent = 0;
    const send = async (): Promise<string> => {
      sent += 1;
      if (sent < 3) throw new AwsError({ name: 'X', message: 'x', kind, status: 0 });
      return 'read';
    };
    const policy = { ...REQUEST_PATH_RETRIES, sleep: async () => undefined };
    expect(await withRetries({ send, repeatable: true, isRead: true }, policy)).toBe('read');
  });
});
