/**
 * The embedded table service: speaks DynamoDB's AWS JSON 1.0 protocol on 127.0.0.1.
 *
 *   createDynamoDbServer(options: DynamoDbOptions): Promise<DynamoDbServer>     (types in ../interfaces.ts)
 *
 * dynalite (pinned) gives the key layout, the request rules and the expression parsers; writes, transactions, reads
 * and what it lacks are ours. The front adds `GET /__counters` (units by table and operation, as JSON) and
 * `DELETE /__counters` (reset), for measurements from other processes.
 */

import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { crc32 } from 'node:zlib';
import { checkTableCall } from '../../permissions/dynamodb-access.ts';
import type { DynamoDbCall, DynamoDbCounters, DynamoDbOptions, DynamoDbServer, Permissions } from '../interfaces.ts';
import { closeGently, listenLocally } from '../local-server.ts';
import { consumedCapacity, totalRead, totalWrite } from './capacity.ts';
import type { UnitsByTable } from './capacity.ts';
import { openEngine } from './engine.ts';
import type { Engine } from './engine.ts';
import { isServiceFailure, shortName, unknownOperation } from './failures.ts';
import { createLocks } from '../locks.ts';
import { operations } from './operations.ts';
import type { OperationName } from './operations.ts';
import { sweepExpired } from './sweep.ts';

const MAX_REQUEST_BYTES = 16 * 1024 * 1024;
const SWEEP_INTERVAL_MS = 10 * 60_000;
const TARGET = /^DynamoDB_20120810\.(\w+)$/;
const CREDENTIAL = /^AWS4-HMAC-SHA256 .*?Credential=([^/,\s]+)\//;

type Body = Record<string, unknown>;

interface Answer {
  readonly status: number;
  readonly body: Body;
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_REQUEST_BYTES) return null;
    chunks.push(chunk);
  }
  return (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString();
}

function coralError(type: string, message: string, status = 400): Answer {
  return { status, body: { __type: `com.amazon.coral.service#${type}`, message } };
}

function send(response: ServerResponse, { status, body }: Answer): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': Buffer.byteLength(text),
    'x-amz-crc32': String(crc32(text)),
    'x-amzn-requestid': randomUUID(),
  });
  response.end(text);
}

/** ConsumedCapacity is one object for calls on one table and a list for batches and transactions. */
function withCapacity(operation: OperationName, detail: unknown, units: UnitsByTable, answer: Body): Body {
  if (detail !== 'TOTAL' && detail !== 'INDEXES') return answer;
  const consumed = [...units].map(([name, used]) => consumedCapacity(name, used, detail));
  const isList = operation.startsWith('Batch') || operation.startsWith('Transact');
  return consumed.length === 0 ? answer : { ...answer, ConsumedCapacity: isList ? consumed : consumed[0] };
}

function createCounters() {
  let counters: DynamoDbCounters = {};
  return {
    count(call: DynamoDbCall): void {
      const table = (counters[call.table] ??= {});
      const entry = (table[call.operation] ??= { calls: 0, writeUnits: 0, readUnits: 0 });
      entry.calls += 1;
      entry.writeUnits += call.writeUnits;
      entry.readUnits += call.readUnits;
    },
    read: () => structuredClone(counters),
    reset: () => void (counters = {}),
  };
}

type Counters = ReturnType<typeof createCounters>;

/** The service's refusal, or undefined when the caller may do all that the call does. */
function refuse(permissions: Permissions, operation: string, request: Body, accessKeyId: string): Answer | undefined {
  const places = permissions.rules() ?? { region: '', accountId: '', partitionKeys: {} };
  const denial = checkTableCall(permissions.access, places, { accessKeyId, operation, request });
  if (denial === undefined) return undefined;
  if (denial.isUnknown) {
    return coralError('UnrecognizedClientException', 'The security token included in the request is invalid.');
  }
  return coralError('AccessDeniedException', denial.message);
}

/** One call from its parsed parts to its answer; reports it to the counters whatever the outcome. */
function createDispatcher(engine: Engine, options: DynamoDbOptions, counters: Counters) {
  const locks = createLocks();
  const now = options.now ?? Date.now;

  function report(operation: string, accessKeyId: string, units: UnitsByTable, error?: string): void {
    for (const [table, used] of units) {
      const outcome = error === undefined ? {} : { error };
      const call = {
        operation,
        table,
        writeUnits: totalWrite(used),
        readUnits: totalRead(used),
        accessKeyId,
        ...outcome,
      };
      counters.count(call);
      options.onCall?.(call);
    }
  }

  async function dispatch(operation: string, request: Body, accessKeyId: string): Promise<Answer> {
    const units: UnitsByTable = new Map();
    try {
      if (!Object.hasOwn(operations, operation)) throw unknownOperation();
      const refusal = options.permissions && refuse(options.permissions, operation, request, accessKeyId);
      if (refusal !== undefined) return refusal;
      const detail = request['ReturnConsumedCapacity'];
      const name = operation as OperationName;
      const answer = await operations[name]({ engine, locks, units, now }, request);
      report(operation, accessKeyId, units);
      return { status: 200, body: withCapacity(name, detail, units, answer) };
    } catch (error) {
      if (isServiceFailure(error)) {
        report(operation, accessKeyId, units, shortName(error));
        return { status: error.statusCode, body: error.body };
      }
      console.error('table service:', operation, error);
      report(operation, accessKeyId, units, 'InternalServerError');
      return coralError('InternalServerError', 'Internal server error', 500);
    }
  }

  return { dispatch, sweep: () => sweepExpired({ engine, locks }, now()) };
}

type Dispatch = ReturnType<typeof createDispatcher>['dispatch'];

async function answerCall(request: IncomingMessage, dispatch: Dispatch): Promise<Answer> {
  const text = await readBody(request);
  if (text === null) return coralError('RequestEntityTooLargeException', 'The request is larger than 16 MB', 413);
  const operation = TARGET.exec(String(request.headers['x-amz-target'] ?? ''))?.[1];
  if (request.method !== 'POST' || operation === undefined) {
    return { status: 400, body: unknownOperation().body };
  }
  const accessKeyId = CREDENTIAL.exec(request.headers.authorization ?? '')?.[1];
  if (accessKeyId === undefined) {
    return coralError('MissingAuthenticationTokenException', 'Request is missing Authentication Token');
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = null;
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return coralError('SerializationException', 'The body is not a JSON object');
  }
  return dispatch(operation, body as Body, accessKeyId);
}

function answerCounters(request: IncomingMessage, response: ServerResponse, counters: Counters): void {
  if (request.method === 'DELETE') counters.reset();
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(counters.read()));
}

/** Starts the service; the directory is created when absent and belongs to this process until `close`. */
export async function createDynamoDbServer(options: DynamoDbOptions): Promise<DynamoDbServer> {
  const engine = await openEngine(options.directory);
  const counters = createCounters();
  const { dispatch, sweep } = createDispatcher(engine, options, counters);
  const server = createServer((request, response) => {
    if (request.url === '/__counters') return answerCounters(request, response, counters);
    answerCall(request, dispatch).then(
      (answer) => send(response, answer),
      () => response.destroy(),
    );
  });
  server.keepAliveTimeout = 60_000;
  const port = await listenLocally(server, options.port).catch(async (error: unknown) => {
    await engine.close();
    throw error;
  });
  const timer = setInterval(() => {
    sweep().catch((error: unknown) => console.error('table service: sweep:', error));
  }, options.sweepIntervalMs ?? SWEEP_INTERVAL_MS);
  timer.unref();

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    sweepExpired: sweep,
    counters: counters.read,
    resetCounters: counters.reset,
    async close() {
      clearInterval(timer);
      await closeGently(server);
      await engine.close();
    },
  };
}
