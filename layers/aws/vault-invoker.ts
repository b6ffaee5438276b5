import { createPostClient } from '@sluice/kit/http/post-client';
import type { AwsSettings } from './env.ts';
import { createCallSigner } from './signing/sign-call.ts';

export interface VaultInvoker {
  /**
   * Invokes the vault function and waits for its JSON answer. What is asked must bear being asked twice.
   * @throws when it failed or could not be reached
   */
  (payload: object): Promise<unknown>;
}

const CONNECTIONS = 16;
/** The vault gives an exchange ten seconds and those who wait for another's a little more. */
const ANSWER_TIMEOUT_MS = 40_000;

/**
 * The Lambda Invoke API without the SDK, whose loading would hold up the one request in thousands that needs a token.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function createVaultInvoker({ aws, functionName }: { aws: AwsSettings; functionName: string }): VaultInvoker {
  const endpoint = new URL(aws.endpoints.lambda ?? `https://lambda.${aws.region}.amazonaws.com`);
  const poster = createPostClient({
    origin: endpoint.origin,
    connections: CONNECTIONS,
    connectTimeoutMs: 2_000,
    answerTimeoutMs: ANSWER_TIMEOUT_MS,
    keepAliveMs: 4_000,
  });
  const sign = createCallSigner({ credentials: aws.credentials });
  const path = `/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`;

  const invoke = async (body: string): Promise<{ status: number; text: string }> => {
    const headers = { 'content-type': 'application/json' };
    const call = { origin: endpoint.origin, path, headers, body: Buffer.from(body) };
    const signed = await sign(call, { service: 'lambda', region: aws.region });
    const all = { host: endpoint.host, ...headers, ...signed, 'content-length': String(Buffer.byteLength(body)) };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    return poster.send(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, body);
  };
  return async (payload) => {
    const body = JSON.stringify(payload);
    // A kept connection may have been closed a moment ago.
    const { status, text } = await invoke(body).catch(() => invoke(body));
    if (status !== 200) throw new Error(`The vault could not be invoked (${status}): ${text.slice(0, 300)}`);
    return JSON.parse(text) as unknown;
  };
}
