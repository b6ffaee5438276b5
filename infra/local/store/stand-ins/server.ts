/**
 * Small stand-ins for Secrets Manager, Lambda Invoke and SES v2 behind one address on 127.0.0.1.
 *
 *   createAwsStandIns(options: StandInOptions): Promise<AwsStandIns>     (types in ../interfaces.ts)
 *
 * Served: secretsmanager GetSecretValue, PutSecretValue, DescribeSecret, CreateSecret (AWS JSON 1.1); lambda Invoke
 * with RequestResponse, Event and DryRun; ses SendEmail with simple content. Anything else is refused in AWS's form.
 */

import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AwsStandIns, LambdaOutcome, StandInCall, StandInOptions } from '../interfaces.ts';
import { closeGently, listenLocally } from '../local-server.ts';
import { awsFailure, isAwsFailure } from './aws-failure.ts';
import type { AwsFailure } from './aws-failure.ts';
import { sendToOutbox } from './outbox.ts';
import { secretOperations } from './secret-operations.ts';
import { createSecretStore } from './secrets.ts';
import type { SecretStore } from './secrets.ts';

/** Lambda's limit for a synchronous request. */
const MAX_REQUEST_BYTES = 6 * 1024 * 1024;
const CREDENTIAL = /^AWS4-HMAC-SHA256 .*?Credential=([^/,\s]+)\//;
const INVOCATION = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Record<string, string>;
}

interface Served {
  readonly request: IncomingMessage;
  readonly path: string;
  readonly text: string;
  readonly accessKeyId: string;
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_REQUEST_BYTES) {
      throw awsFailure('RequestTooLargeException', `Request must be smaller than ${MAX_REQUEST_BYTES} bytes`, 413);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parseJson(text: string, awsType: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw awsFailure(awsType, 'Could not parse request body into json');
  }
}

function callSecrets({ text, accessKeyId }: Served, operation: string, context: Context): Answer {
  if (!Object.hasOwn(secretOperations, operation)) {
    throw awsFailure('UnknownOperationException', `secretsmanager ${operation} is not served here`);
  }
  const body = parseJson(text, 'SerializationException') as Record<string, unknown>;
  const resource = String(body['SecretId'] ?? body['Name'] ?? '');
  const arn = context.secrets.arnOf(resource) ?? context.arn('secretsmanager', `secret:${resource}`);
  context.onCall?.({ service: 'secretsmanager', operation, resource, arn, accessKeyId });
  return { status: 200, body: secretOperations[operation]!(context.secrets, body) };
}

/** `name`, `name:qualifier` or a whole ARN. */
function bareFunctionName(name: string): string {
  const decoded = decodeURIComponent(name);
  return decoded.startsWith('arn:') ? decoded.split(':')[6]! : decoded.split(':')[0]!;
}

function outcomeAnswer({ payload, error }: LambdaOutcome): Answer {
  const headers = { 'x-amz-executed-version': '$LATEST' };
  if (error === undefined) return { status: 200, body: payload ?? null, headers };
  return { status: 200, body: error, headers: { ...headers, 'x-amz-function-error': 'Unhandled' } };
}

async function callLambda(served: Served, functionName: string, context: Context): Promise<Answer> {
  const { accessKeyId, text, request } = served;
  const type = String(request.headers['x-amz-invocation-type'] ?? 'RequestResponse');
  const payload = text === '' ? {} : parseJson(text, 'InvalidRequestContentException');
  const arn = context.arn('lambda', `function:${functionName}`);
  context.onCall?.({ service: 'lambda', operation: 'Invoke', resource: functionName, arn, accessKeyId });
  if (type === 'DryRun') return { status: 204, body: undefined };
  if (type !== 'RequestResponse' && type !== 'Event') {
    throw awsFailure('InvalidParameterValueException', `Invocation type ${type} is not known`);
  }
  const outcome = context.invoke({ functionName, payload, type, accessKeyId });
  if (outcome === null) throw awsFailure('ResourceNotFoundException', `Function not found: ${functionName}`, 404);
  if (type === 'RequestResponse') return outcomeAnswer(await outcome);
  outcome.catch((error: unknown) => console.error('lambda: event for', functionName, 'failed:', error));
  return { status: 202, body: undefined };
}

async function callEmail({ text, accessKeyId }: Served, context: Context): Promise<Answer> {
  const body = parseJson(text, 'BadRequestException') as Record<string, unknown>;
  const resource = String(body['FromEmailAddress'] ?? '');
  // The domain is what is verified, and what the right is given on.
  const domain = /@([^>\s]+)/.exec(resource)?.[1] ?? resource;
  const arn = context.arn('ses', `identity/${domain}`);
  context.onCall?.({ service: 'ses', operation: 'SendEmail', resource, arn, accessKeyId });
  return { status: 200, body: { MessageId: await sendToOutbox(body, context.outboxDirectory, context.now()) } };
}

interface Context {
  readonly secrets: SecretStore;
  readonly invoke: StandInOptions['invoke'];
  readonly outboxDirectory: string;
  readonly onCall: ((call: StandInCall) => void) | undefined;
  arn(service: string, resource: string): string;
  readonly now: () => number;
}

async function route(served: Served, context: Context): Promise<Answer> {
  const { path, request } = served;
  const target = /^secretsmanager\.(\w+)$/.exec(String(request.headers['x-amz-target'] ?? ''));
  if (request.method === 'POST' && path === '/' && target !== null) return callSecrets(served, target[1]!, context);
  const invocation = INVOCATION.exec(path);
  if (request.method === 'POST' && invocation !== null) {
    return callLambda(served, bareFunctionName(invocation[1]!), context);
  }
  if (request.method === 'POST' && path === '/v2/email/outbound-emails') return callEmail(served, context);
  const wanted = String(request.headers['x-amz-target'] ?? `${request.method} ${path}`);
  throw awsFailure('UnknownOperationException', `${wanted} is not served here`, 404);
}

function send(response: ServerResponse, { status, body, headers = {} }: Answer): void {
  const text = body === undefined ? '' : JSON.stringify(body);
  const type: Record<string, string> = text === '' ? {} : { 'content-type': 'application/json' };
  const length = { 'content-length': String(Buffer.byteLength(text)) };
  response.writeHead(status, { 'x-amzn-requestid': randomUUID(), ...type, ...length, ...headers });
  response.end(text);
}

function asFailure(error: unknown): AwsFailure {
  if (isAwsFailure(error)) return error;
  console.error('stand-ins:', error);
  return awsFailure('InternalServiceError', 'Internal service error', 500);
}

function failureAnswer(error: unknown): Answer {
  const { awsType, statusCode, message } = asFailure(error);
  // Secrets Manager's clients read `__type` and `message`, the others the header and `Message`.
  const body = { __type: awsType, message, Message: message, Type: statusCode < 500 ? 'User' : 'Service' };
  return { status: statusCode, body, headers: { 'x-amzn-errortype': awsType } };
}

async function serve(request: IncomingMessage, context: Context): Promise<Answer> {
  try {
    const text = await readText(request);
    const accessKeyId = CREDENTIAL.exec(request.headers.authorization ?? '')?.[1];
    if (accessKeyId === undefined) {
      throw awsFailure('MissingAuthenticationTokenException', 'Missing Authentication Token', 403);
    }
    return await route({ request, text, accessKeyId, path: (request.url ?? '/').split('?')[0]! }, context);
  } catch (error) {
    return failureAnswer(error);
  }
}

export async function createAwsStandIns(options: StandInOptions): Promise<AwsStandIns> {
  const now = options.now ?? Date.now;
  const { region = 'us-east-1', accountId = '000000000000' } = options;
  const secrets = createSecretStore({ file: options.secretsFile, region, accountId, now });
  const arn: Context['arn'] = (service, resource) => `arn:aws:${service}:${region}:${accountId}:${resource}`;
  const { invoke, outboxDirectory, onCall } = options;
  const context: Context = { secrets, invoke, outboxDirectory, onCall, arn, now };
  const server = createServer(async (request, response) => send(response, await serve(request, context)));
  // An invocation may last as long as its function's own limit.
  server.requestTimeout = 0;
  const port = await listenLocally(server, options.port);

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    ensureSecret: async (secret) => secrets.ensure(secret),
    readSecret: secrets.read,
    close: () => closeGently(server),
  };
}
