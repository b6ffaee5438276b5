/**
 * The process of one function: plain Node with what the Lambda runtime gives to a handler. It is bundled to one plain
 * JavaScript file at start, so that a function's memory and start time are not those of a TypeScript loader.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { installShiftedClock, type ShiftedClock } from '../clock.ts';
import { installCodeBoundary } from './code-boundary.ts';
import { createFunctionUrl } from './function-url.ts';
import { describeError, invokeForValue } from './invocation.ts';
import type { FunctionSettings, HostCommand, HostMessage } from './messages.ts';
import { installAwsLambdaGlobal, type Handler } from './response-stream.ts';

/** Time for requests in flight to end when the process is told to stop. */
const GRACE_MS = 3000;

let clock: ShiftedClock | undefined;
let handler: Handler | undefined;
let settings: FunctionSettings | undefined;

process.on('message', (command: HostCommand) => {
  if (command.type === 'start') void start(command.settings).catch(reportFailure);
  if (command.type === 'clock') moveClock(command.offsetMs);
  if (command.type === 'invoke') void invoke(command.id, command.payload);
});
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => process.exit(0));
tell({ type: 'up' });

function moveClock(offsetMs: number): void {
  clock?.setOffset(offsetMs);
  tell({ type: 'clock-set' });
}

async function start(given: FunctionSettings): Promise<void> {
  settings = given;
  clock = installShiftedClock(globalThis, given.clockOffsetMs);
  installAwsLambdaGlobal();
  installCodeBoundary(given.codeRoot);
  const exported = ((await import(pathToFileURL(given.modulePath).href)) as Record<string, unknown>)[given.exportName];
  if (typeof exported !== 'function') throw new Error(`${given.modulePath} exports no function "${given.exportName}"`);
  if (given.mode === 'server') return listen((await (exported as () => Promise<Server>)()) as Server, given.port);
  handler = exported as Handler;
  if (given.mode === 'invoke') return tell({ type: 'listening', port: 0 });
  const serve = createFunctionUrl({ handler, settings: given, log: (line) => process.stderr.write(`${line}\n`) });
  return listen(
    createServer((request, response) => void serve(request, response)),
    given.port,
  );
}

/** Listens on the given port, or on any when that one is taken. */
async function listen(server: Server, port: number): Promise<void> {
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  const bound = await bind(server, port).catch((error: NodeJS.ErrnoException) => {
    if (port === 0 || error.code !== 'EADDRINUSE') throw error;
    return bind(server, 0);
  });
  stopGracefully(server);
  tell({ type: 'listening', port: bound });
}

function bind(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function stopGracefully(server: Server): void {
  process.removeAllListeners('SIGTERM');
  process.once('SIGTERM', () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    setTimeout(() => process.exit(0), GRACE_MS).unref();
  });
}

async function invoke(id: number, payload: unknown): Promise<void> {
  try {
    if (handler === undefined || settings === undefined) throw new Error('This function takes no direct invocations');
    tell({ type: 'result', id, payload: await invokeForValue(handler, payload, settings) });
  } catch (error) {
    tell({ type: 'result', id, error: describeError(error) });
  }
}

function tell(message: HostMessage): void {
  if (process.connected) process.send?.(message);
}

function reportFailure(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.send?.(
    { type: 'failed', message: error instanceof Error ? error.message : String(error) },
    undefined,
    {},
    () => process.exit(1),
  );
}
