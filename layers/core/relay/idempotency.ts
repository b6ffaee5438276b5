import { randomUUID } from 'node:crypto';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { decodeRequestBody } from '@sluice/kit/http/content-encoding';
import type { PlainRequest } from '@sluice/kit/http/exchange';
import { readMember, scanObject } from '@sluice/kit/json/members';
import { hasEnded, isFree, isLost, JOB_LIFE_MS, LOST_END, type MediaJob } from '../media/job.ts';
import type { JobHold } from '../media/job-store.ts';
import { digestRequest, jobIdOfKey } from '../media/request-digest.ts';
import { createAnswer, failExchange, type AnswerDeps } from './answer.ts';
import { asStore, type Authenticate } from './authenticate.ts';
import { MOST_DECODED_BYTES, type Exchange } from './exchange.ts';
import { createHeldRun, LEASE_MS, type HeldRun, type JobRunDeps } from './job-run.ts';
import { createKeptSink, type KeptSink } from './kept-sink.ts';
import { earlierRuns } from './void-runs.ts';

export interface IdempotencyDeps extends AnswerDeps, JobRunDeps {
  authenticate: Authenticate;
}

const KEY_HEADER = 'idempotency-key';
const FIT_KEY = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;

/** Where a client says that it may ask for the same thing again; null where it does not. */
export function idempotencyKeyOf({ method, headers }: PlainRequest): string | null {
  return method === 'POST' ? (headers[KEY_HEADER] ?? null) : null;
}

/**
 * Does what is asked once for each key, account and path, however often and in parallel it is asked
 * (docs/decisions/0042). The answer is kept for a day and told again; while it comes into being, others wait for it. It
 * comes into being whether its client stays or not. What came to nothing may be asked again under the same key.
 * @throws GatewayError `idempotency_key_reused`, `outcome_unknown`, `request_in_progress`, `invalid_field`
 */
export async function performOnce(
  deps: IdempotencyDeps,
  exchange: Exchange,
  { key, perform }: { key: string; perform(): Promise<void> },
): Promise<void> {
  if (!FIT_KEY.test(key)) {
    const message = 'The header Idempotency-Key takes 1 to 255 printable ASCII characters.';
    throw new GatewayError('invalid_field', { message, param: KEY_HEADER });
  }
  exchange.caller = await deps.authenticate(exchange.request, exchange.startedAt);
  exchange.request = await decodeRequestBody(exchange.request, MOST_DECODED_BYTES);
  if (asksForStream(exchange.request)) {
    exchange.warnings.push('Idempotency-Key ignored: streams are not kept');
    return perform();
  }
  const owner = randomUUID();
  const wanted = newJob(exchange, { key, owner, now: deps.clock() });
  const hold = { account: wanted.account, id: wanted.id, owner };
  const found = await takeUp(deps, wanted, hold);
  if (found.isOurs) return performKept(deps, exchange, { job: found.job, hold, perform });
  return answerAgain(deps, exchange, found.job);
}

function newJob(
  { caller, request, requestId }: Exchange,
  facts: { key: string; owner: string; now: number },
): MediaJob {
  if (caller === null) throw new Error('It is not known who asks');
  const endpoint = `${request.method} ${request.path}`;
  const { key, owner, now } = facts;
  return {
    account: caller.user.id,
    id: jobIdOfKey(endpoint, key),
    operation: 'idempotent',
    keyId: caller.key.id,
    endpoint: endpoint.slice(0, 300),
    digest: digestRequest(request),
    model: '',
    state: 'running',
    progress: 0,
    createdAt: now,
    startedAt: now,
    finishedAt: null,
    expiresAt: now + JOB_LIFE_MS,
    lease: { owner, until: now + LEASE_MS },
    requestId,
    sentAt: null,
    upstream: null,
    error: null,
    webhook: null,
    answerStatus: null,
  };
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
/** The relay ends every request by itself; whoever waits for one ends a little later. */
const PATIENCE_MS = 870_000;

/** The job that is there, once it has ended; or our own, to be done. */
async function takeUp(
  deps: IdempotencyDeps,
  wanted: MediaJob,
  hold: JobHold,
): Promise<{ isOurs: boolean; job: MediaJob }> {
  const { jobs, clock, scheduler } = deps;
  const since = scheduler.monotonicMs();
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    const now = clock();
    const mine = {
      ...wanted,
      createdAt: now,
      expiresAt: now + JOB_LIFE_MS,
      lease: { owner: hold.owner, until: now + LEASE_MS },
    };
    const found = await asStore(jobs.create(mine, { request: null, listed: false }));
    if (found === null) return { isOurs: true, job: mine };
    if (found.digest !== wanted.digest) throw reused();
    if (hasEnded(found)) return { isOurs: false, job: found };
    if (isFree(found, now)) {
      const claim = { now, until: now + LEASE_MS, requestId: wanted.requestId ?? '', earlier: earlierRuns(found) };
      const claimed = await asStore(jobs.claim(hold, claim));
      if (claimed !== null) await deps.voidRuns(claimed);
      if (claimed !== null) return { isOurs: true, job: claimed };
    } else if (isLost(found, now)) {
      await asStore(jobs.finishLeft(found, { ...LOST_END, finishedAt: now }));
    } else if (scheduler.monotonicMs() - since > PATIENCE_MS) {
      throw inProgress();
    } else {
      await new Promise<void>((resolve) => void scheduler.after(pause, resolve));
    }
  }
}

function reused(): GatewayError {
  return new GatewayError('idempotency_key_reused', {
    message: 'This Idempotency-Key was used for another request. Use another key for another request.',
    param: KEY_HEADER,
  });
}

function inProgress(): GatewayError {
  const message = 'A request with this Idempotency-Key is still being served. Ask again later.';
  return new GatewayError('request_in_progress', { message, retryAfterSeconds: 30 });
}

async function performKept(
  deps: IdempotencyDeps,
  exchange: Exchange,
  { job, hold, perform }: { job: MediaJob; hold: JobHold; perform(): Promise<void> },
): Promise<void> {
  const client = exchange.sink;
  const { run, sink } = createHeldRun(deps, { job, hold, sinkOf: (lost) => createKeptSink(client, lost) });
  exchange.sink = sink;
  exchange.run = run;
  try {
    await perform();
  } catch (thrown) {
    await failExchange(deps, exchange, thrown);
  }
  await endRun(run, sink);
  exchange.sink = client;
  if (sink.wasPassedOn) return;
  const kept = sink.answer();
  if (kept === null) return client.destroy();
  client.head(kept.status, { ...kept.headers });
  void client.write(kept.body);
  await client.end();
}

/** What no upstream has worked for may be asked again; a stream was its client's alone. */
async function endRun(run: HeldRun, sink: KeptSink): Promise<void> {
  const isDone = sink.answer() !== null && (sink.answer()?.status ?? 0) < 400;
  if (sink.wasPassedOn || (!run.wasSent && !isDone)) await run.release();
  else await run.finish();
}

/** The answer as it was given, under the ids of this request. */
async function answerAgain(deps: IdempotencyDeps, exchange: Exchange, job: MediaJob): Promise<void> {
  const kept = await asStore(deps.jobs.readAnswer(job));
  if (kept === null) {
    const { code, message } = job.error ?? LOST_END.error;
    throw new GatewayError(code, { message, headers: { 'x-should-retry': 'false' } });
  }
  const answer = createAnswer(deps, exchange);
  answer.head(kept.status, { ...againHeaders(kept.headers), 'content-length': String(kept.body.length) });
  await answer.aside(kept.body);
  await answer.end();
}

/** Ids, timings and limits are of the request that asks; the first one's id is told beside them. */
function againHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const again: Record<string, string> = { 'idempotency-replayed': 'true', 'x-should-retry': 'false' };
  for (const name of ['content-type', 'x-sluice-warnings', 'retry-after', 'location']) {
    const value = headers[name];
    if (value !== undefined) again[name] = value;
  }
  const first = headers['x-sluice-request-id'];
  if (first !== undefined) again['x-sluice-original-request-id'] = first;
  return again;
}

const YES: ReadonlySet<unknown> = new Set([true, 'true', '1', 'yes', 1]);

/** As far as it can be seen from here; what turns out to be one only in the end is passed on and not kept either. */
function asksForStream({ path, body, headers }: PlainRequest): boolean {
  if (/:stream|\/stream$/.test(path)) return true;
  if (!(headers['content-type'] ?? 'application/json').includes('json') || !body.includes('"stream"')) return false;
  try {
    return YES.has(readMember(body, scanObject(body), 'stream'));
  } catch {
    return false;
  }
}
