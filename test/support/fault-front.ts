import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What befalls one call on its way:
 * `answer-lost` it is applied, the connection breaks before the answer; `answer-cut` the answer breaks off in the middle;
 * `failed-after` it is applied and answered with a 500; `refused-before` the connection breaks before it is applied;
 * `throttled` the service says that it did nothing.
 */
export type Fault = 'answer-lost' | 'answer-cut' | 'failed-after' | 'refused-before' | 'throttled' | 'conflict';

export interface FaultFront {
  url: string;
  /** The next calls of this operation meet these faults, one each; afterwards all goes well. */
  arm(operation: string, faults: readonly Fault[]): void;
  /** Operations as they arrived. */
  seen: string[];
  close(): Promise<void>;
}

/** A front before a service of the AWS JSON protocol that loses, breaks and refuses calls on demand. */
export async function startFaultFront(targetUrl: string): Promise<FaultFront> {
  const armed = new Map<string, Fault[]>();
  const seen: string[] = [];
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
      seen.push(operation);
      return serve({ request, response, body, fault: armed.get(operation)?.shift(), targetUrl });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arm: (operation, faults) => armed.set(operation, [...faults]),
    seen,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function serve(input: {
  request: IncomingMessage;
  response: ServerResponse;
  body: Buffer;
  fault: Fault | undefined;
  targetUrl: string;
}): Promise<void> {
  const { request, response, body, fault, targetUrl } = input;
  if (fault === 'refused-before') return void response.destroy();
  if (fault === 'throttled') return awsError(response, 400, 'ThrottlingException');
  if (fault === 'conflict') return awsError(response, 400, 'TransactionConflictException');
  const answer = await pass(targetUrl, request, body);
  if (fault === 'answer-lost') return void response.destroy();
  if (fault === 'failed-after') return awsError(response, 500, 'InternalServerError');
  if (fault === 'answer-cut') {
    response.writeHead(answer.status, { 'content-length': answer.body.length + 10 });
    response.write(answer.body.subarray(0, answer.body.length / 2), () => response.destroy());
    return;
  }
  response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' }).end(answer.body);
}

function awsError(response: ServerResponse, status: number, name: string): void {
  const body = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'on demand' });
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(body);
}

async function read(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function pass(url: string, original: IncomingMessage, body: Buffer): Promise<{ status: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const { host: _host, ...headers } = original.headers;
    const call = forward(url, { method: 'POST', headers }, (answer) => {
      read(answer).then((bytes) => resolve({ status: answer.statusCode ?? 0, body: bytes }), reject);
    });
    call.on('error', reject).end(body);
  });
}
