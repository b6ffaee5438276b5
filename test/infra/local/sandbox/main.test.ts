import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const MAIN = fileURLToPath(new URL('../../../../infra/local/sandbox/main.ts', import.meta.url));

let child: ChildProcess;
let url: string;

beforeEach(async () => {
  child = fork(MAIN, { env: { SANDBOX_PORT: '0' }, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [message] = (await once(child, 'message')) as [{ type: string; port: number }];
  expect(message.type).toBe('listening');
  url = `http://127.0.0.1:${message.port}`;
});
afterEach(async () => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
});

describe('the process of the sandbox', () => {
  test('answers a move of the clock when the runner has moved the others', async () => {
    const moving = fetch(`${url}/__clock`, { method: 'POST', body: '{"now":"2030-01-01T00:00:00Z"}' });
    const [message] = (await once(child, 'message')) as [unknown];
    expect(message).toEqual({ type: 'set-clock', now: Date.parse('2030-01-01T00:00:00Z') });
    let answered = false;
    void moving.then(() => (answered = true));
    await fetch(`${url}/__log`);
    expect(answered).toBe(false);
    child.send({ type: 'clock-set' });
    expect((await moving).status).toBe(200);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('ends on %s', async (signal) => {
    const ended = once(child, 'exit');
    child.kill(signal);
    expect(await ended).toEqual([0, null]);
  });

  test('ends when the runner is gone', async () => {
    const ended = once(child, 'exit');
    child.disconnect();
    expect(await ended).toEqual([0, null]);
  });
});
