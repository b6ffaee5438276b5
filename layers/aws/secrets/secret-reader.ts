import { createTimedCache } from '@sluice/kit/cache/timed-cache';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { isAwsError } from '../aws-error.ts';
import { createAwsJsonClient } from '../aws-json-client.ts';
import type { AwsSettings } from '../env.ts';
import { REQUEST_PATH_RETRIES, type RetryPolicy } from '../retries.ts';

/** A secret whose value is a JSON object of texts, e.g. `{"v1": "…"}`. */
export type SecretValues = Readonly<Record<string, string>>;

export interface SecretReader {
  /** Cached for some five minutes. @throws GatewayError `store_unavailable` when Secrets Manager does not answer */
  read(secretArn: string): Promise<SecretValues>;
  /** Past the cache: for a value that was refused, since it may have been rotated. */
  readAgain(secretArn: string): Promise<SecretValues>;
  close(): Promise<void>;
}

export interface SecretReaderOptions {
  aws: AwsSettings;
  retries?: RetryPolicy | undefined;
  random?: (() => number) | undefined;
}

const LIFE_MS = 5 * 60_000;
const JITTER_MS = 60_000;

/** Reads secrets and remembers them. Nothing here logs, and no error carries a value. */
export function createSecretReader({ aws, retries, random = Math.random }: SecretReaderOptions): SecretReader {
  const client = createAwsJsonClient({
    aws,
    service: 'secretsmanager',
    retries: { ...REQUEST_PATH_RETRIES, ...retries },
    connections: 4,
  });
  // Jitter, so that the processes of one deployment do not all ask in the same second.
  const cache = createTimedCache<SecretValues>({ lifeMs: Math.round(LIFE_MS + random() * JITTER_MS), max: 32 });

  const load = async (secretArn: string): Promise<SecretValues> => {
    try {
      return parseSecret(
        secretArn,
        await client.call('GetSecretValue', { SecretId: secretArn }, { repeatable: true, isRead: true }),
      );
    } catch (error) {
      if (!isAwsError(error) || error.kind === 'refused') throw error;
      throw new GatewayError('store_unavailable', {
        message: 'The secret store did not answer. Please try again.',
        retryAfterSeconds: 1,
        internal: `${error.name}: ${error.message}`,
        cause: error,
      });
    }
  };
  return {
    read: (secretArn) => cache.get(secretArn, () => load(secretArn)),
    readAgain(secretArn) {
      cache.forget(secretArn);
      return cache.get(secretArn, () => load(secretArn));
    },
    close: () => client.close(),
  };
}

function parseSecret(secretArn: string, answer: unknown): SecretValues {
  const text = (answer as { SecretString?: unknown }).SecretString;
  let value: unknown;
  try {
    value = JSON.parse(typeof text === 'string' ? text : '');
  } catch {
    // The parser's own message quotes the text.
    throw new Error(`The secret ${secretArn} is not JSON.`);
  }
  if (!isTextMap(value)) throw new Error(`The secret ${secretArn} is not a JSON object of texts.`);
  return value;
}

function isTextMap(value: unknown): value is SecretValues {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((entry) => typeof entry === 'string');
}
