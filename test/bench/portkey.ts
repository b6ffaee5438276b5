import { spawn } from 'node:child_process';
import { createServer, connect, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { installOnDemand } from '../support/on-demand-package.ts';
import { readUsed } from './accounting.ts';
import { end, type Gateway } from './processes.ts';

/** Portkey's open-source gateway (https://github.com/Portkey-AI/gateway): no keys, limits or ledger in this form. */
const PACKAGE = {
  name: '@portkey-ai/gateway',
  version: '1.15.2',
  // Under 1.19 every stream ends in a 500 of its own ("TypeError: immutable").
  overrides: { '@hono/node-server': '1.13.8' },
};
const START_DEADLINE_MS = 30_000;

/** @throws when npm cannot install it */
export function installPortkey(): string {
  return join(installOnDemand(PACKAGE), 'build', 'start-server.js');
}

/** What a request tells it: whose format is spoken, and where. */
export function portkeyHeaders(upstreamPort: number): Record<string, string> {
  return { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort}/v1` };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

export async function startPortkey(program: string): Promise<Gateway> {
  const port = await freePort();
  const startedAt = performance.now();
  const child = spawn(process.execPath, [program, `--port=${port}`, '--headless'], {
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`Portkey's gateway ended with code ${child.exitCode}`);
    if (performance.now() - startedAt > START_DEADLINE_MS) {
      await end(child);
      throw new Error(`Portkey's gateway did not listen within ${START_DEADLINE_MS} ms`);
    }
    await pause(2);
  }
  const startMs = performance.now() - startedAt;
  return { port, startMs, used: () => readUsed(child.pid ?? 0), stop: () => end(child) };
}
