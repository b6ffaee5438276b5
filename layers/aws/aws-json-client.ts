import type { WholeAnswer } from '@sluice/kit/http/answer-parser';
import { createPostClient } from '@sluice/kit/http/post-client';
import { AwsError, kindOfAnswer, networkError, type CancellationReason } from './aws-error.ts';
import type { AwsSettings } from './env.ts';
import { withRetries, type RetryPolicy } from './retries.ts';
import { createJsonSigner } from './signing/sigv4.ts';

/**
 * A small signed client for services that speak the AWS JSON protocol: one POST, one JSON answer. It costs a fraction
 * of an SDK call in CPU and in cold start, which is why the relay uses it (docs/decisions).
 * https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
 */
export interface AwsJsonClient {
  /**
   * @param input what `JSON.stringify` makes of it is sent; a text is sent as it is
   * @param options.repeatable the call may be sent again after a lost answer
   * @param options.isRead it changes nothing, so that giving up early leaves nothing behind
   * @throws AwsError
   */
  call(
    operation: string,
    input: object | string,
    options?: { repeatable?: boolean; isRead?: boolean },
  ): Promise<unknown>;
  close(): Promise<void>;
}

const SERVICES = {
  dynamodb: { target: 'DynamoDB_20120810', contentType: 'application/x-amz-json-1.0' },
  secretsmanager: { target: 'secretsmanager', contentType: 'application/x-amz-json-1.1' },
} as const;

export interface AwsJsonClientOptions {
  aws: AwsSettings;
  service: keyof typeof SERVICES;
  connectTimeoutMs?: number | undefined;
  /** Longest wait from the request to the end of its answer. */
  answerTimeoutMs?: number | undefined;
  /** Connections kept at most; further calls wait their turn. */
  connections?: number | undefined;
  retries?: RetryPolicy | undefined;
}

export function createAwsJsonClient(options: AwsJsonClientOptions): AwsJsonClient {
  const { aws, service, connectTimeoutMs = 1_000, answerTimeoutMs = 3_000, connections = 128 } = options;
  const endpoint = new URL(aws.endpoints[service] ?? `https://${service}.${aws.region}.amazonaws.com`);
  const poster = createPostClient({
    origin: endpoint.origin,
    connections,
    connectTimeoutMs,
    answerTimeoutMs,
    keepAliveMs: 20_000,
  });
  const { target, contentType } = SERVICES[service];
  const signer = createJsonSigner({
    service,
    region: aws.region,
    host: endpoint.host,
    path: endpoint.pathname,
    contentType,
    credentials: aws.credentials,
  });

  const sendOnce = (operation: string, body: string): Promise<unknown> =>
    poster.send(signer.head(`${target}.${operation}`, body), body).then(readAnswer, throwNetworkError);

  return {
    call(operation, input, { repeatable = false, isRead = false } = {}) {
      const body = typeof input === 'string' ? input : JSON.stringify(input);
      return withRetries({ send: () => sendOnce(operation, body), repeatable, isRead }, options.retries);
    },
    close: () => poster.close(),
  };
}

const ERROR_TYPE = '__type';

interface ErrorAnswer {
  [ERROR_TYPE]?: unknown;
  message?: unknown;
  Message?: unknown;
  Item?: unknown;
  CancellationReasons?: CancellationReason[];
}

function throwNetworkError(error: unknown): never {
  throw networkError(error);
}

function readAnswer({ status, text }: WholeAnswer): unknown {
  let parsed: unknown;
  try {
    parsed = text === '' || text === '{}' ? {} : JSON.parse(text);
  } catch (error) {
    // Half an answer, or something in between that is not the service: what became of the call is not known.
    throw new AwsError({
      name: 'UnreadableAnswer',
      message: 'The answer is not JSON.',
      kind: 'lost',
      status,
      cause: error,
    });
  }
  if (status >= 200 && status < 300) return parsed;
  const answer = (typeof parsed === 'object' && parsed !== null ? parsed : {}) as ErrorAnswer;
  // `com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException`
  const type = answer[ERROR_TYPE];
  const name = typeof type === 'string' ? (type.split('#').at(-1) ?? '') : '';
  const message = answer.message ?? answer.Message;
  throw new AwsError({
    name: name || `HTTP ${status}`,
    message: typeof message === 'string' ? message : `The service answered ${status}.`,
    kind: kindOfAnswer({ name, status, cancellationReasons: answer.CancellationReasons }),
    status,
    item: answer.Item,
    cancellationReasons: answer.CancellationReasons,
  });
}
