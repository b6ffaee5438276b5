import { ERROR_CATALOGUE, type ErrorCode } from '@sluice/kit/errors/catalogue';
import type { MediaJob } from '@sluice/core/media/job';
import type { Document } from '../table-client.ts';
import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';
import { boolean, bytes, list, number, object, oneOf, optional, record, text } from './shape.ts';

/** As it is stored: what is not there has no attribute, since conditions ask for that. */
export const JOB_ITEM = defineItemSchema({
  type: 'mediaJob',
  schema: object({
    account: text,
    id: text,
    operation: oneOf(['idempotent', 'images', 'videos', 'responses']),
    keyId: optional(text),
    endpoint: text,
    digest: text,
    model: text,
    state: oneOf(['queued', 'running', 'succeeded', 'failed', 'cancelled', 'unknown']),
    progress: number,
    createdAt: number,
    startedAt: optional(number),
    finishedAt: optional(number),
    expiresAt: number,
    leaseOwner: optional(text),
    leaseUntil: optional(number),
    requestId: optional(text),
    earlier: optional(list(text)),
    sentAt: optional(number),
    upstream: optional(text),
    error: optional(object({ code: text, message: text })),
    webhook: optional(
      object({
        url: text,
        pepperVersion: text,
        attempts: number,
        nextAt: number,
        outcome: oneOf(['pending', 'delivered', 'failed']),
      }),
    ),
    answerStatus: optional(number),
  }),
});

/** A kept request or answer. Small ones are in the item, compressed; of large ones it says where they are. */
export const JOB_CONTENT_ITEM = defineItemSchema({
  type: 'mediaJobContent',
  schema: object({
    expiresAt: number,
    /** Status of an answer, or method, path and query of a request. */
    status: optional(number),
    target: optional(object({ method: text, path: text, query: text, clientAddress: text })),
    headers: record(text),
    isObject: boolean,
    packed: optional(bytes),
  }),
});

/** A job that has not ended, or whose end has not been told. */
export const OPEN_JOB_ITEM = defineItemSchema({
  type: 'openMediaJob',
  schema: object({ account: text, id: text, createdAt: number }),
});

export const MEDIA_JOB_ITEMS: readonly AnyItemSchema[] = [JOB_ITEM, JOB_CONTENT_ITEM, OPEN_JOB_ITEM];

type StoredJob = ReturnType<typeof JOB_ITEM.read>;

export function toJob(stored: StoredJob): MediaJob {
  const { leaseOwner, leaseUntil, error, ...rest } = stored;
  const isLeased = leaseOwner !== undefined && leaseUntil !== undefined;
  return {
    ...NOTHING,
    ...rest,
    lease: isLeased ? { owner: leaseOwner, until: leaseUntil } : null,
    error: error === undefined ? null : { code: codeOf(error.code), message: error.message },
  };
}

/** Codes of another version of the catalogue are still errors. */
function codeOf(code: string): ErrorCode {
  return Object.hasOwn(ERROR_CATALOGUE, code) ? (code as ErrorCode) : 'internal_error';
}

export function writeJob(job: MediaJob): Document {
  return { ...JOB_ITEM.write({} as StoredJob), ...attributesOf(job) };
}

/** The attributes of these fields; of what is null there is none. */
export function attributesOf(fields: Partial<MediaJob>): Document {
  const { lease, ...rest } = fields;
  const given = Object.entries(rest).filter(([, value]) => value !== null);
  return {
    ...(Object.fromEntries(given) as Document),
    ...(lease && { leaseOwner: lease.owner, leaseUntil: lease.until }),
  };
}

const NOTHING = {
  keyId: null,
  startedAt: null,
  finishedAt: null,
  requestId: null,
  sentAt: null,
  upstream: null,
  webhook: null,
  answerStatus: null,
} as const;
