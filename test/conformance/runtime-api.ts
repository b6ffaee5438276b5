import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listen, stop } from '../support/fake-upstream.ts';

/** What the function answered to one invocation, as it came over the wire. */
export interface RuntimeAnswer {
  /** `response` or `error`: the path that the runtime chose. */
  kind: string;
  headers: IncomingHttpHeaders;
  /** The body's pieces, each as it arrived. */
  pieces: AsyncIterator<Buffer>;
  /** Trailers of the body; known when its end has been read. */
  trailers(): IncomingMessage['trailers'];
}

export interface RuntimeApi {
  /** For AWS_LAMBDA_RUNTIME_API. */
  address: string;
  /** Hands this event to the function, and waits until the function begins to answer. */
  invoke(event: unknown): Promise<RuntimeAnswer>;
  /** Rejects when the function reports that it could not start. */
  failedStart: Promise<never>;
  close(): Promise<void>;
}

interface Waiting {
  id: string;
  event: unknown;
}

const ROOT = '/2018-06-01/runtime';
const DEADLINE_MS = 60_000;

/** A Lambda Runtime API for one runtime process (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html). */
export async function startRuntimeApi(functionArn: string): Promise<RuntimeApi> {
  const waiting: Waiting[] = [];
  const answers = new Map<string, (answer: RuntimeAnswer) => void>();
  const failedStart = Promise.withResolvers<never>();
  failedStart.promise.catch(() => undefined);
  let polling: ServerResponse | null = null;

  const handOver = (): void => {
    if (polling === null) return;
    const invocation = waiting.shift();
    if (invocation === undefined) return;
    polling.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': invocation.id,
      'lambda-runtime-deadline-ms': String(Date.now() + DEADLINE_MS),
      'lambda-runtime-invoked-function-arn': functionArn,
      'lambda-runtime-trace-id': 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0',
    });
    polling.end(JSON.stringify(invocation.event));
    polling = null;
  };

  const server = createServer((request, response) => {
    const path = (request.url ?? '').slice(ROOT.length);
    if (path === '/invocation/next') {
      polling = response;
      handOver();
      return;
    }
    const [, id = '', kind = ''] = /^\/invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    const answered = answers.get(id);
    if (answered === undefined) {
      void readAll(request).then((body) => failedStart.reject(new Error(`${path}: ${body}`)));
    } else {
      answers.delete(id);
      answered({
        kind,
        headers: request.headers,
        pieces: request[Symbol.asyncIterator]() as AsyncIterator<Buffer>,
        trailers: () => request.trailers,
      });
    }
    request.once('end', () => response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}'));
  });
  await listen(server);
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    failedStart: failedStart.promise,
    invoke: (event) => {
      const { promise, resolve } = Promise.withResolvers<RuntimeAnswer>();
      const id = randomUUID();
      answers.set(id, resolve);
      waiting.push({ id, event });
      handOver();
      return Promise.race([promise, failedStart.promise]);
    },
    close: () => stop(server),
  };
}

async function readAll(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
