import { createServiceClient, type ServiceAnswer } from '@sluice/kit/http/service-client';
import type { AwsSettings } from '../env.ts';
import { canonicalQuery, createS3Signer, type S3Signer } from '../signing/sign-s3.ts';
import { withRetries, type RetryPolicy } from '../retries.ts';
import { AwsError, kindOfAnswer, networkError } from '../aws-error.ts';

/** An operation on an object, or on the bucket where the key is empty. */
export interface S3Call {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  key: string;
  query?: Readonly<Record<string, string>>;
  /** Lower-case names; all of them are signed. */
  headers?: Readonly<Record<string, string>>;
  body?: Uint8Array;
}

/** A small signed client of one bucket, for functions that write and read objects as they arrive. */
export interface S3Client {
  /** Sends again what may be sent again. Answers of 404 are answers. @throws AwsError */
  send(call: S3Call, options: { repeatable: boolean }): Promise<ServiceAnswer>;
  /** @returns null when the object is not there. @throws AwsError */
  open(key: string): Promise<{ headers: ServiceAnswer['headers']; body: AsyncIterable<Buffer> } | null>;
  /** Where an object or the bucket is, for addresses that are handed out. */
  locate(key: string): { origin: string; host: string; path: string };
  bucket: string;
  signer: S3Signer;
  close(): Promise<void>;
}

export interface S3ClientOptions {
  aws: AwsSettings;
  bucket: string;
  clock?: (() => number) | undefined;
  retries?: RetryPolicy | undefined;
}

const NOT_FOUND = 404;

export function createS3Client({ aws, bucket, clock = Date.now, retries }: S3ClientOptions): S3Client {
  const endpoint = aws.endpoints.s3 === undefined ? null : new URL(aws.endpoints.s3);
  const { origin, host } = endpoint ?? new URL(`https://${bucket}.s3.${aws.region}.amazonaws.com`);
  const root = endpoint === null ? '/' : `/${bucket}/`;
  const signer = createS3Signer({ region: aws.region, credentials: aws.credentials, clock });
  const client = createServiceClient({ origin, connections: 64, connectTimeoutMs: 2_000, silenceMs: 30_000 });

  const describe = ({ method, key, query, headers = {}, body }: S3Call) => {
    // Our keys are made of characters that need no encoding but the separators.
    const path = root + key.split('/').map(encodeURIComponent).join('/');
    const text = query === undefined ? '' : canonicalQuery(query);
    const signed = signer.sign({ method, host, path, headers, ...(query && { query }) });
    return {
      method,
      path: text === '' ? path : `${path}?${text}`,
      headers: { ...headers, ...signed },
      body: body ?? null,
    };
  };

  const sendOnce = async (call: S3Call): Promise<ServiceAnswer> => {
    const answer = await client.send(describe(call)).catch((error: unknown) => {
      throw networkError(error);
    });
    if (answer.status < 300 || answer.status === NOT_FOUND) return answer;
    throw failureOf(answer.status, answer.body.toString());
  };

  return {
    bucket,
    signer,
    locate: (key) => ({ origin, host, path: root + key.split('/').map(encodeURIComponent).join('/') }),
    send: (call, { repeatable }) => withRetries({ send: () => sendOnce(call), repeatable }, retries),
    open: (key) =>
      withRetries(
        {
          repeatable: true,
          isRead: true,
          async send() {
            const answer = await client.open(describe({ method: 'GET', key })).catch((error: unknown) => {
              throw networkError(error);
            });
            if (answer.status === 200) return answer;
            const text = await readText(answer.body);
            if (answer.status === NOT_FOUND) return null;
            throw failureOf(answer.status, text);
          },
        },
        retries,
      ),
    close: () => client.close(),
  };
}

/** `<Error><Code>SlowDown</Code><Message>…` */
export function failureOf(status: number, xml: string): AwsError {
  const name = /<Code>([\w.]+)<\/Code>/.exec(xml)?.[1] ?? `HTTP ${status}`;
  const message = /<Message>([^<]*)<\/Message>/.exec(xml)?.[1] ?? `The object store answered ${status}.`;
  return new AwsError({ name, message, kind: kindOfAnswer({ name, status, cancellationReasons: undefined }), status });
}

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
