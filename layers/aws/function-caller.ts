import { createPostClient } from '@sluice/kit/http/post-client';
import type { AwsSettings } from './env.ts';
import { createCallSigner } from './signing/sign-call.ts';

/**
 * Invokes one function.
 * @param type `RequestResponse` waits for its answer; `Event` only until it is taken on, and Lambda runs it by itself
 * @throws when it could not be reached
 */
export type FunctionCaller = (
  payload: object,
  type: 'RequestResponse' | 'Event',
) => Promise<{ status: number; text: string }>;

const CONNECTIONS = 16;

/**
 * The Lambda Invoke API without the SDK, whose loading would hold up the few requests that need it.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function createFunctionCaller(options: {
  aws: AwsSettings;
  functionName: string;
  answerTimeoutMs: number;
}): FunctionCaller {
  const { aws, functionName, answerTimeoutMs } = options;
  const endpoint = new URL(aws.endpoints.lambda ?? `https://lambda.${aws.region}.amazonaws.com`);
  const poster = createPostClient({
    origin: endpoint.origin,
    connections: CONNECTIONS,
    connectTimeoutMs: 2_000,
    answerTimeoutMs,
    keepAliveMs: 4_000,
  });
  const sign = createCallSigner({ credentials: aws.credentials });
  const path = `/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`;

  const invoke: FunctionCaller = async (payload, type) => {
    const body = JSON.stringify(payload);
    const headers = { 'content-type': 'application/json', 'x-amz-invocation-type': type };
    const call = { origin: endpoint.origin, path, headers, body: Buffer.from(body) };
    const signed = await sign(call, { service: 'lambda', region: aws.region });
    const all = { host: endpoint.host, ...headers, ...signed, 'content-length': String(Buffer.byteLength(body)) };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    return poster.send(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, body);
  };
  // A kept connection may have been closed a moment ago; what is invoked here bears being invoked twice.
  return (payload, type) => invoke(payload, type).catch(() => invoke(payload, type));
}
