import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { tokenAssociatedData } from '../../../../layers/core/credentials/sealing-port.ts';
import { createOpener } from '../../../../layers/core/credentials/sealing.ts';
import { startHttpProxy, startSocksProxy } from '../../../support/proxies.ts';
import { SEEDS, startStage, type Stage } from './stage.ts';

/** A server that tells how often anybody connected, whatever they wanted. */
async function countConnections(): Promise<{ port: number; connections(): number; close(): void }> {
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, connections: () => count, close: () => server.close() };
}

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.sandbox.close());
beforeEach(() => {
  stage.log.length = 0;
});

const alarms = () => stage.log.filter(({ level }) => level === 'error').map(({ event }) => event);
const grantsOf = async (family: string) => (await stage.grants()).filter((grant) => grant.family === family);

describe('a refresh at a server that gives every refresh token once', () => {
  it('saves what it is given, keeps the last refresh token, and says when it is due again', async () => {
    const key = await stage.add('alice', { refreshToken: 'rt-alice' });
    expect(await stage.manual(key)).toMatchObject({ outcome: 'refreshed' });
    const row = stage.row(key);
    expect(row).toMatchObject({ rotation: 2, intent: null, lease: null, lastResult: { outcome: 'refreshed' } });
    const opened = await stage.open(key);
    expect(opened).toMatchObject({
      lastRefreshToken: 'rt-alice',
      refreshToken: expect.stringMatching(/^rt-alice\.2\./),
    });
    const life = row.accessExpiresAt! - row.refreshedAt!;
    const part = (row.dueAt! - row.refreshedAt!) / life;
    expect(part).toBeGreaterThanOrEqual(0.69);
    expect(part).toBeLessThan(0.81);
    expect(JSON.stringify(row)).not.toContain(opened.accessToken);
  });

  it('goes on and on with what was saved', async () => {
    const key = await stage.add('bob', { refreshToken: 'rt-bob' });
    for (let count = 0; count < 10; count += 1) expect((await stage.manual(key)).outcome).toBe('refreshed');
    expect((await grantsOf('bob')).map(({ outcome }) => outcome)).toEqual(Array.from({ length: 10 }, () => 'granted'));
  });

  it('is made once for many who ask together in several processes, and all see the same token', async () => {
    const key = await stage.add('many', { refreshToken: 'rt-many--delay-20' });
    const processes = Array.from({ length: 3 }, () => stage.another());
    const since = Date.now();
    const results = await Promise.all(
      processes.flatMap((process) => [
        process.refresh(key, { kind: 'manual', since, onceMore: false }),
        process.refresh(key, { kind: 'access-token', digest: null }),
        process.refresh(key, { kind: 'schedule', staleBefore: null }),
      ]),
    );
    for (const { outcome } of results) expect(['refreshed', 'current', 'busy', 'not-due']).toContain(outcome);
    expect(await grantsOf('many--delay-20')).toHaveLength(1);
    expect(stage.row(key).rotation).toBe(2);
  });

  it('is known to the server by a secret, in the form or by HTTP Basic', async () => {
    for (const clientAuth of ['body', 'basic'] as const) {
      const client = { clientId: 'sandbox-confidential', clientSecret: 'sandbox-client-secret' as never, clientAuth };
      const key = await stage.add(`secret-${clientAuth}`, { refreshToken: `rt-secret-${clientAuth}`, client });
      expect(await stage.manual(key)).toMatchObject({ outcome: 'refreshed' });
    }
  });
});

describe('a server that gives no other refresh token', () => {
  it('has the old one kept, for ten refreshes in a row', async () => {
    const key = await stage.add('kept', { refreshToken: 'rt-kept--keep' });
    for (let count = 0; count < 10; count += 1) expect((await stage.manual(key)).outcome).toBe('refreshed');
    expect(await stage.open(key)).toMatchObject({ refreshToken: 'rt-kept--keep', lastRefreshToken: null });
    expect(stage.row(key).rotation).toBe(11);
  });
});

describe('each outcome that is no success', () => {
  it.each([
    ['429', 'rt-o1--429', {}],
    ['invalid_client', 'rt-o2--invalid-client', {}],
    ['another 4xx', 'rt-o3--invalid-scope', {}],
    ['5xx', 'rt-o4--503', {}],
    ['a server that is not there', 'rt-o5', { tokenUrl: 'http://127.0.0.1:1/token' }],
    ['a name that does not exist', 'rt-o6', { tokenUrl: 'https://no-such-host.invalid/token' }],
  ])('%s: the refresh token is unused, it backs off, and goes on afterwards', async (name, refreshToken, client) => {
    const key = await stage.add(`o-${name}`.replaceAll(' ', '-'), { refreshToken: `${refreshToken}--times-1`, client });
    const before = stage.row(key);
    expect(await stage.manual(key)).toMatchObject({ outcome: 'failed' });
    const row = stage.row(key);
    expect(row).toMatchObject({ rotation: 1, intent: null, lease: null, invalid: null, ambiguous: null });
    expect(row.refreshToken).toEqual(before.refreshToken);
    expect(row.backOff).toMatchObject({ failures: 1 });
    expect(row.dueAt).toBe(row.backOff!.until);
    expect(await stage.refresher.refresh(key, { kind: 'access-token', digest: null })).toMatchObject({
      outcome: 'backing-off',
    });
    if (!('tokenUrl' in client)) expect(await stage.manual(key)).toMatchObject({ outcome: 'refreshed' });
  });

  it('a server that says when is believed', async () => {
    const key = await stage.add('later', { refreshToken: 'rt-later--429--retry-after-600' });
    await stage.manual(key);
    expect(stage.row(key).backOff!.until - Date.now()).toBeGreaterThan(590_000);
  });

  it('5xx again and again is told of, and stays enabled', async () => {
    const key = await stage.add('down', { refreshToken: 'rt-down--500' });
    for (let count = 0; count < 4; count += 1) await stage.manual(key);
    expect(alarms()).toEqual([]);
    await stage.manual(key);
    expect(alarms()).toEqual(['credential_refresh_failing']);
    expect(stage.row(key)).toMatchObject({ invalid: null, ambiguous: null });
  });

  it('5xx of a server that may have used the token up is ambiguous, where that is set', async () => {
    const policy = { serverError: 'unknown', serverErrorTries: 5, ambiguous: 'stop' } as const;
    const key = await stage.add('doubtful', { refreshToken: 'rt-doubtful--500', client: { policy } });
    expect(await stage.manual(key)).toMatchObject({ outcome: 'ambiguous' });
  });

  it('invalid_grant disables, keeps the last values, is told of, and is not tried again', async () => {
    const key = await stage.add('gone', { refreshToken: 'rt-gone' });
    await stage.manual(key);
    const kept = await stage.open(key);
    // The family is revoked by somebody who uses its first token again.
    const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'x', refresh_token: 'rt-gone' });
    await fetch(`${stage.sandbox.url}/oauth/token`, { method: 'POST', body: form });
    expect(await stage.manual(key)).toMatchObject({ outcome: 'invalid' });
    expect(stage.row(key)).toMatchObject({
      rotation: 2,
      intent: null,
      dueAt: null,
      invalid: { reason: expect.any(String) },
    });
    expect(await stage.open(key)).toEqual(kept);
    expect(alarms()).toEqual(['credential_refresh_token_invalid']);
    const before = (await grantsOf('gone')).length;
    expect(await stage.manual(key)).toMatchObject({ outcome: 'invalid' });
    expect(await grantsOf('gone')).toHaveLength(before);
  });

  it.each([
    ['no answer', 'rt-a1--hang'],
    ['a connection that breaks after sending', 'rt-a2--cut'],
    ['a connection that breaks before the token was used', 'rt-a3--cut-before'],
    ['an answer that nobody can read', 'rt-a4--garbage'],
  ])('%s: nobody refreshes it any more, and somebody is told', async (_name, refreshToken) => {
    const key = await stage.add(refreshToken.slice(3, 5), { refreshToken: `${refreshToken}--times-1` });
    expect(await stage.manual(key)).toMatchObject({ outcome: 'ambiguous' });
    expect(alarms()).toEqual(['credential_refresh_ambiguous']);
    expect(stage.row(key)).toMatchObject({ rotation: 1, dueAt: null, ambiguous: { reason: expect.any(String) } });
    const before = (await stage.grants()).length;
    for (const cause of [
      { kind: 'schedule', staleBefore: null },
      { kind: 'access-token', digest: null },
    ] as const) {
      expect(await stage.refresher.refresh(key, cause)).toMatchObject({ outcome: 'ambiguous' });
    }
    expect(await stage.manual(key)).toMatchObject({ outcome: 'ambiguous' });
    expect(await stage.grants()).toHaveLength(before);
  });

  it('an operator may have it sent once more, at the risk of the family', async () => {
    const unused = await stage.add('again', { refreshToken: 'rt-again--cut-before--times-1' });
    await stage.manual(unused);
    expect(await stage.manual(unused, true)).toMatchObject({ outcome: 'refreshed' });
    expect(stage.row(unused)).toMatchObject({ rotation: 2, ambiguous: null });
    const used = await stage.add('burnt', { refreshToken: 'rt-burnt--cut--times-1' });
    await stage.manual(used);
    expect(await stage.manual(used, true)).toMatchObject({ outcome: 'invalid' });
  });

  it('no secret stands in any result, row or line of the log', async () => {
    const key = await stage.add('quiet', { refreshToken: 'rt-quiet--invalid-scope' });
    const result = await stage.manual(key);
    for (const text of [JSON.stringify(result), JSON.stringify(stage.row(key)), JSON.stringify(stage.log)]) {
      expect(text).not.toContain('rt-quiet');
    }
  });
});

describe('a proxy of a credential', () => {
  it('is gone through, with its user name and password', async () => {
    const [http, socks] = [await startHttpProxy({ auth: 'us er:p@ss' }), await startSocksProxy()];
    try {
      const credential = { proxyUrl: `http://127.0.0.1:${http.port}`, proxyAuth: 'us%20er:p%40ss' as never };
      const one = await stage.add('proxied', { refreshToken: 'rt-proxied', credential });
      expect(await stage.manual(one)).toMatchObject({ outcome: 'refreshed' });
      const target = new URL(stage.sandbox.url).host;
      expect(http.asked).toEqual([{ target, auth: 'us er:p@ss' }]);
      const other = { proxyUrl: `socks5://127.0.0.1:${socks.port}`, proxyAuth: 'user:pass' as never };
      const two = await stage.add('socks', { refreshToken: 'rt-socks', credential: other });
      expect(await stage.manual(two)).toMatchObject({ outcome: 'refreshed' });
      expect(socks.asked).toEqual([{ target, auth: 'user:pass' }]);
    } finally {
      http.close();
      socks.close();
    }
  });

  it.each(['http://127.0.0.1:1', 'https://127.0.0.1:1', 'socks5://127.0.0.1:1'])(
    'that is of no use fails the refresh, and nothing goes out directly: %s',
    async (proxyUrl) => {
      const name = `closed-${proxyUrl.split(':')[0]}`;
      const server = await countConnections();
      const client = { tokenUrl: `http://127.0.0.1:${server.port}/token` };
      const key = await stage.add(name, { refreshToken: `rt-${name}`, credential: { proxyUrl }, client });
      expect(await stage.manual(key)).toMatchObject({ outcome: 'failed' });
      expect(stage.row(key)).toMatchObject({ rotation: 1, intent: null });
      expect(server.connections()).toBe(0);
      // It would have been seen.
      const direct = await stage.add(`${name}-direct`, { refreshToken: `rt-${name}-direct`, client });
      await stage.manual(direct);
      expect(server.connections()).toBe(1);
      server.close();
    },
  );

  it('that wants another password fails the refresh, too', async () => {
    const proxy = await startHttpProxy({ auth: 'right:one' });
    const key = await stage.add('wrong', {
      refreshToken: 'rt-wrong',
      credential: { proxyUrl: `http://127.0.0.1:${proxy.port}`, proxyAuth: 'wrong:one' as never },
    });
    expect(await stage.manual(key)).toMatchObject({ outcome: 'failed' });
    expect(await grantsOf('wrong')).toEqual([]);
    proxy.close();
  });
});

describe('sealed tokens', () => {
  it('do not open in another row, nor in another place of their own', async () => {
    const key = await stage.add('bound', { refreshToken: 'rt-bound' });
    await stage.manual(key);
    const { accessToken } = stage.row(key);
    const opener = createOpener({ seeds: SEEDS });
    await expect(opener.open(accessToken!, tokenAssociatedData(key, 'accessToken'))).resolves.toEqual(
      expect.any(String),
    );
    await expect(opener.open(accessToken!, tokenAssociatedData(key, 'refreshToken'))).rejects.toThrow();
    const other = { ...key, credentialId: 'crd_other' };
    await expect(opener.open(accessToken!, tokenAssociatedData(other, 'accessToken'))).rejects.toThrow();
  });

  it('that cannot be opened are not sent, and nothing is used up', async () => {
    const key = await stage.add('foreign', { refreshToken: 'rt-foreign' });
    stage.tokens.rows.set(`${key.upstream}\n${key.credentialId}`, {
      ...stage.row(key),
      refreshToken: await stage.seal('rt-foreign', 'another row'),
    });
    expect(await stage.manual(key)).toMatchObject({ outcome: 'failed' });
    expect(await grantsOf('foreign')).toEqual([]);
  });
});
