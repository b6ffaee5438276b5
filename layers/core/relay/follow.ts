import { GatewayError, isGatewayError } from '@sluice/kit/errors/gateway-error';
import type { UpstreamExchange } from '@sluice/kit/http/upstream-exchange';
import type { Sent } from './call.ts';
import type { Candidate } from './candidates.ts';
import { countInput, type TokenCount } from './count-tokens.ts';
import { passConverted } from './converted-body.ts';
import { misfitOf } from './misfit.ts';
import type { Passage } from './interpreter.ts';
import { headersForClient, withoutIdentities } from './passed-headers.ts';
import { passBody, passStream } from './passthrough.ts';
import { prepareCall } from './prepare-call.ts';
import { CLIENT_GONE_STATUS, nothingServed, type AttemptResult } from './served.ts';
import { isAskedOnce, type AttemptDeps, type Trial } from './trial.ts';
import { blameFor, describeFailure, isTimeUp, judgeRefusal } from './upstream-answers.ts';

/** What is said of a candidate that was not asked. */
export const NOTHING_ASKED = { kind: 'failed', retryable: true, status: 0, passOn: null, failure: null } as const;

type Unsent = AttemptResult & { kind: 'failed' };

/** Sends the call to a candidate; a failure says why it cannot be told what the client wants, or may not be asked. */
export async function send(deps: AttemptDeps, trial: Trial, candidate: Candidate): Promise<Sent | Unsent> {
  const { exchange, facts } = trial;
  const prepared = await prepareCall(deps, trial, {
    candidate,
    outputCap: leastOf(trial.outputCap, trial.limits.outputCap),
  });
  if (isGatewayError(prepared)) return { ...NOTHING_ASKED, error: prepared };
  const { language, call } = prepared;
  const isStopped = exchange.run && (await exchange.run.sending());
  if (isStopped !== null) return { ...NOTHING_ASKED, retryable: false, error: isStopped };
  const upstream = deps.upstreamClient.open(isAskedOnce(trial) ? { ...call, once: true } : call);
  if (exchange.tellsInputFirst && facts.stream && !language.isSame) trial.inputTokens ??= countInput(deps, trial);
  return { candidate, language, upstream };
}

interface Following {
  startedMono: number;
  /** Somebody else can be asked as long as no content went out. */
  canRetry: boolean;
  /** Told once, when the first content is about to go out. */
  onContent(): void;
}

/** Waits for the answer to a call and passes it on to the client. */
export async function follow(
  deps: AttemptDeps,
  trial: Trial,
  { sent, startedMono, canRetry, onContent }: Following & { sent: Sent },
): Promise<AttemptResult> {
  const { exchange, facts, answer, watch } = trial;
  const { candidate, language, upstream } = sent;
  exchange.servedBy = { ...nameOf(candidate), attempt: exchange.attempts.length + 1 };
  while (upstream.status === 0 && upstream.failure === null) await upstream.changed();
  if (trial.isGone) return leftWhileWaiting(candidate, upstream.started);
  if (upstream.status === 0) return failedBeforeAnswer(upstream);
  exchange.timings.push({ name: 'upstream', durationMs: deps.scheduler.monotonicMs() - startedMono });
  watch.enter('firstContentMs');

  if (upstream.status < 200 || upstream.status > 299) return refusalOf(trial, sent);
  const misfit = misfitOf(upstream);
  if (misfit !== null) return unfit(upstream, misfit);
  const encoding = upstream.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') return unfit(upstream, `content encoding ${encoding}, which was not asked for`);
  const passage: Passage = {
    format: exchange.format,
    language,
    facts,
    candidate,
    upstream,
    answer,
    watch,
    pingMs: deps.timers.pingMs,
    isGone: () => trial.isGone,
    canRetry,
    onContent() {
      watch.limitStart(null);
      onContent();
    },
  };
  if (trial.inputTokens) await tellInput(trial, trial.inputTokens);
  if (language.pass) return language.pass(passage);
  const isEvents = isEventStream(upstream, facts.stream);
  if (isEvents && facts.stream) return passStream(passage);
  // An upstream that streams what was asked for whole, or the reverse, is understood all the same.
  return language.isSame && !isEvents && !facts.stream ? passBody(passage) : passConverted(passage, isEvents);
}

/** Why a call came to nothing whose failure is known: a refusal, or a broken connection. */
export async function failureOf(trial: Trial, sent: Sent): Promise<AttemptResult> {
  const { upstream, candidate } = sent;
  if (trial.isGone) return leftWhileWaiting(candidate, upstream.started);
  if (upstream.status === 0 || (upstream.status >= 200 && upstream.status < 300)) return failedBeforeAnswer(upstream);
  return refusalOf(trial, sent);
}

async function refusalOf(trial: Trial, { candidate, language, upstream }: Sent): Promise<AttemptResult> {
  const body = withoutIdentities(await readSmallBody(upstream));
  if (trial.isGone) return leftWhileWaiting(candidate, true);
  const refusal = { status: upstream.status, headers: headersForClient(upstream.headers), body };
  const from = { upstream: candidate.upstream, rawHeaders: upstream.headers, answer: refusal };
  return judgeRefusal(trial.exchange.format, from, language.isSame);
}

/** A client that leaves waits for no count. */
async function tellInput({ exchange, interpreter }: Trial, counting: Promise<TokenCount>): Promise<void> {
  const { gone } = exchange.sink;
  if (gone.aborted) return;
  const { promise: left, resolve } = Promise.withResolvers<null>();
  const leave = (): void => resolve(null);
  gone.addEventListener('abort', leave, { once: true });
  const count = await Promise.race([counting, left]);
  gone.removeEventListener('abort', leave);
  if (count !== null) interpreter.tellInputTokens(count.tokens);
}

function leastOf(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

export function nameOf({ upstream, credential }: Candidate): { upstream: string; credential: string } {
  return { upstream, credential };
}

/** An answer that cannot be passed on. */
function unfit(upstream: UpstreamExchange, what: string): AttemptResult {
  const error = new GatewayError('upstream_error', { message: `The upstream answered with ${what}.` });
  upstream.abort(error);
  return { kind: 'failed', error, retryable: false, status: upstream.status, passOn: null, failure: null };
}

/** What the upstream says it sends counts; what the client asked for, where it says nothing. */
function isEventStream({ headers }: UpstreamExchange, asked: boolean): boolean {
  const type = headers['content-type'] ?? '';
  return EVENT_STREAMS.test(type) || (asked && !type.startsWith('application/json'));
}

const EVENT_STREAMS = /^(?:text\/event-stream|application\/vnd\.amazon\.eventstream)/;

function failedBeforeAnswer({ failure, started }: UpstreamExchange): AttemptResult {
  const known = failure ?? new Error('The upstream ended without an answer');
  const error = known instanceof GatewayError ? known : describeFailure(known, started);
  return {
    kind: 'failed',
    error,
    retryable: !isTimeUp(failure),
    status: 0,
    passOn: null,
    failure: blameFor(failure, started),
  };
}

/** An upstream that has read the request will charge for its input; one that was never reached will not. */
export function leftWhileWaiting(candidate: Candidate, started: boolean): AttemptResult {
  const served = nothingServed(CLIENT_GONE_STATUS, null);
  if (!started) return { kind: 'gone', served };
  return { kind: 'gone', served: { ...served, extent: 'partial', candidate } };
}

const MOST_ERROR_BYTES = 1024 * 1024;

/** An error's body; what comes after the limit, or after a cut, is left away. */
async function readSmallBody(upstream: UpstreamExchange): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const chunk = upstream.take();
    if (chunk !== null) {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > MOST_ERROR_BYTES) break;
    } else if (upstream.failure || upstream.finished) {
      break;
    } else {
      await upstream.changed();
    }
  }
  return Buffer.concat(chunks);
}
