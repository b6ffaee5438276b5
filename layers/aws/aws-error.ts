/** Code in a layer and code in a bundle may both hold this class, so it is known by marker, never by `instanceof`. */
const MARKER = Symbol.for('sluice.aws-error');

/**
 * What a failed call means for whoever may want to send it again:
 * `not-sent` no byte left; `not-applied` the service says that it did nothing (throttled, conflict);
 * `lost` it may or may not have been applied; `refused` a definite answer that sending again would not change.
 */
export type FailureKind = 'not-sent' | 'not-applied' | 'lost' | 'refused';

export interface CancellationReason {
  Code?: string | undefined;
  Message?: string | undefined;
  /** Attribute values of the item that stood in the way (`ALL_OLD`). */
  Item?: unknown;
}

export interface AwsErrorFacts {
  /** The AWS error name (`ConditionalCheckFailedException`) or the network error's code (`ECONNREFUSED`). */
  name: string;
  message: string;
  kind: FailureKind;
  /** HTTP status; 0 without an answer. */
  status: number;
  item?: unknown;
  cancellationReasons?: readonly CancellationReason[] | undefined;
  cause?: unknown;
}

export class AwsError extends Error {
  readonly kind: FailureKind;
  readonly status: number;
  readonly item: unknown;
  readonly cancellationReasons: readonly CancellationReason[];
  /** An earlier sending of the same call lost its answer, so what is found may be its work. Set by `withRetries`. */
  resent = false;

  constructor(facts: AwsErrorFacts) {
    super(facts.message, { cause: facts.cause });
    this.name = facts.name;
    this.kind = facts.kind;
    this.status = facts.status;
    this.item = facts.item;
    this.cancellationReasons = facts.cancellationReasons ?? [];
    Object.defineProperty(this, MARKER, { value: true });
  }
}

export function isAwsError(error: unknown): error is AwsError {
  return typeof error === 'object' && error !== null && MARKER in error;
}

/** Errors by which the service says that nothing was done and that the same call may succeed in a moment. */
const NOT_APPLIED = new Set([
  'ProvisionedThroughputExceededException',
  'ReplicatedWriteConflictException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'TooManyRequestsException',
  'TransactionConflictException',
  'TransactionInProgressException',
]);

const NOT_APPLIED_REASONS = new Set([
  'None',
  'ProvisionedThroughputExceeded',
  'ThrottlingError',
  'TransactionConflict',
]);

export function kindOfAnswer(input: {
  name: string;
  status: number;
  cancellationReasons?: readonly CancellationReason[] | undefined;
}): FailureKind {
  if (NOT_APPLIED.has(input.name)) return 'not-applied';
  if (input.name === 'TransactionCanceledException') {
    const reasons = input.cancellationReasons ?? [];
    const passing = reasons.length > 0 && reasons.every((reason) => NOT_APPLIED_REASONS.has(reason.Code ?? ''));
    return passing ? 'not-applied' : 'refused';
  }
  // A 5xx tells nothing about what was written: DynamoDB may have applied a write that it answers with 500.
  return input.status >= 500 ? 'lost' : 'refused';
}

const NEVER_SENT = new Set(['ECONNREFUSED', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND']);

/** An error without an answer: of the socket, the name lookup or a timer. */
export function networkError(error: unknown): AwsError {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const kind = NEVER_SENT.has(code) || wasNotSent(error) ? 'not-sent' : 'lost';
  return new AwsError({ name: code || 'NetworkError', message, kind, status: 0, cause: error });
}

/** The client of the JSON services knows whether a byte left (kit/http/post-client.ts). */
function wasNotSent(error: unknown): boolean {
  return error instanceof Error && 'sent' in error && error.sent === false;
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  // Happy Eyeballs reports one error per address; it was sent nowhere when all of them failed to connect.
  if (error instanceof AggregateError) {
    const codes = error.errors.map(codeOf);
    return codes.every((code) => NEVER_SENT.has(code)) ? (codes[0] ?? '') : '';
  }
  return '';
}
