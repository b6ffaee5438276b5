import type { IncomingHttpHeaders } from 'node:http';
import type { ErrorCode } from '@sluice/kit/errors/catalogue';
import { GatewayError, isGatewayError } from '@sluice/kit/errors/gateway-error';
import type { WireFormat } from '@sluice/llm/formats/wire-format';
import { isAboutAccount, type UpstreamFailure } from '../credentials/cooldown.ts';
import { readErrorWords, type ErrorWords } from '../credentials/own-word.ts';
import type { Failed, UpstreamRefusal } from './served.ts';

/** Statuses that another credential or upstream may not meet. Other 4xx are the caller's fault wherever they are sent. */
export function isRetryable(status: number): boolean {
  return status >= 500 || status === 401 || status === 402 || status === 403 || status === 408 || status === 429;
}

/**
 * What a status other than 2xx means for the client, when nobody else can be asked.
 * @param isSame the client reads the upstream's language
 */
export function judgeRefusal(
  format: WireFormat,
  { upstream, rawHeaders, answer }: { upstream: string; rawHeaders: IncomingHttpHeaders; answer: UpstreamRefusal },
  isSame: boolean,
): Failed {
  const { status, headers } = answer;
  const words = readErrorWords(answer.body);
  // Another language's words stand elsewhere.
  const said = format.decodeErrorMessage(answer.body) ?? (words.message.slice(0, LONGEST_MESSAGE) || null);
  const retryAfterSeconds = secondsUntil(headers, words);
  const failure = { kind: 'status', status, headers: rawHeaders, body: answer.body } as const;
  const aboutAccount = status !== 429 && isAboutAccount(failure);
  const failed = (error: GatewayError, passOn: UpstreamRefusal | null): Failed => ({
    kind: 'failed',
    error,
    retryable: aboutAccount || isRetryable(status),
    status,
    // In another language only the sentence goes on.
    passOn: isSame ? passOn : null,
    failure,
  });
  // The client's own key was good; were this its 401, it would throw that key away. The sentence may name ours.
  if (aboutAccount || status === 401 || status === 402 || status === 403) {
    const message = `The upstream refused the gateway's credential (status ${status}).`;
    return failed(new GatewayError('upstream_credential_refused', { message, internal: said ?? undefined }), null);
  }
  if (status === 429) {
    const message = said ?? 'The upstream is rate limited.';
    return failed(new GatewayError('rate_limit_exceeded', { message, retryAfterSeconds }), answer);
  }
  if (status === 408) {
    return failed(new GatewayError('upstream_timeout', { message: said ?? 'The upstream timed out.' }), null);
  }
  if (status >= 400 && status < 500) {
    const message = said ?? `The upstream answered ${status}.`;
    return failed(new GatewayError(CALLERS_FAULTS[status] ?? 'bad_request', { message }), answer);
  }
  const message = `The upstream ${upstreamSaid(status, said)}`;
  return failed(new GatewayError('upstream_error', { message, internal: upstream, retryAfterSeconds }), null);
}

const CALLERS_FAULTS: Partial<Record<number, ErrorCode>> = {
  404: 'not_found',
  409: 'conflict',
  413: 'body_too_large',
  415: 'unsupported_media_type',
};

function upstreamSaid(status: number, said: string | null): string {
  return said === null ? `answered with status ${status}.` : `answered with status ${status}: ${said}`;
}

const LONGEST_MESSAGE = 1_000;

/** As the header says it, or the body in the vendors' own ways; undefined where neither does. */
function secondsUntil(headers: Readonly<Record<string, string>>, { retryDelayMs }: ErrorWords): number | undefined {
  const retryAfter = headers['retry-after'];
  const seconds = Number(retryAfter);
  if (retryAfter !== undefined && Number.isFinite(seconds) && seconds >= 0) return Math.ceil(seconds);
  return retryDelayMs === null ? undefined : Math.ceil(retryDelayMs / 1000);
}

/** What went wrong below HTTP. A call that never reached a connection is told apart from one that was broken off. */
export function describeFailure(failure: Error, started: boolean): GatewayError {
  const code = (failure as NodeJS.ErrnoException).code ?? failure.name;
  const internal = `${code}: ${failure.message}`;
  if (code === 'SLUICE_ADDRESS_REFUSED') {
    const message =
      'The address of this upstream may not be called: it is not on the public Internet, or plain HTTP leads there.';
    return new GatewayError('upstream_address_refused', { message, internal });
  }
  const message = started
    ? 'The connection to the upstream broke before it answered.'
    : 'The upstream could not be reached.';
  return new GatewayError('upstream_unreachable', { message, internal, cause: failure });
}

/** Whom a failure below HTTP, or a time limit of ours, is held against; null = neither upstream nor credential. */
export function blameFor(failure: Error | null, started: boolean): UpstreamFailure | null {
  if (isGatewayError(failure)) {
    if (failure.code === 'upstream_cut') return { kind: 'broken' };
    return failure.code === 'upstream_timeout' && !isTimeUp(failure) ? { kind: 'timed-out' } : null;
  }
  if ((failure as NodeJS.ErrnoException | null)?.code === 'SLUICE_ADDRESS_REFUSED') return null;
  return { kind: started ? 'broken' : 'unreachable' };
}

/**
 * A failure that leaves everybody resting, with the time of the first return. A pool with several members answers for
 * itself; of a single credential the upstream's own answer is passed on.
 */
export function sayWhen(failed: Failed, rest: { returnMs: number; isPool: boolean }): Failed {
  if (!failed.retryable || failed.error.code === 'upstream_credential_refused') return failed;
  const seconds = Math.max(1, Math.ceil(rest.returnMs / 1000));
  if (rest.isPool) {
    const message = `No credential is available for this model at the moment. ${failed.error.message}`;
    return {
      ...failed,
      error: new GatewayError('no_credential', { message, retryAfterSeconds: seconds }),
      passOn: null,
    };
  }
  const { code, message, internal, retryAfterSeconds = seconds } = failed.error;
  const passOn = failed.passOn && {
    ...failed.passOn,
    headers: { 'retry-after': String(seconds), ...failed.passOn.headers },
  };
  return { ...failed, error: new GatewayError(code, { message, internal, retryAfterSeconds }), passOn };
}

/** A limit of the request or of its client, whoever used it up: nobody is to blame, and nobody else is asked any more. */
export function isTimeUp(failure: Error | null): boolean {
  if (!isGatewayError(failure) || failure.code !== 'upstream_timeout') return false;
  return failure.internal === 'totalMs' || failure.internal === 'stalledMs';
}
