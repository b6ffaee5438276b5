import { decodeRequestBody } from '@sluice/kit/http/content-encoding';
import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import { createMetering, type MeteringDeps } from '../metering/metering.ts';
import { admit, describeAdmission, describeRequest } from './admit.ts';
import { asksForFilm, type SpokenFilm } from './films/spoken-film.ts';
import { asGatewayError, createAnswer, type AnswerDeps } from './answer.ts';
import { attempt } from './attempt.ts';
import { assertModelAllowed, type Authenticate } from './authenticate.ts';
import { createClosing, type Admitted } from './close-request.ts';
import { createCredentialLimits } from './credential-limits.ts';
import { MOST_DECODED_BYTES, type Exchange } from './exchange.ts';
import { chooseWay } from './images/choose-way.ts';
import { draw } from './images/draw.ts';
import type { DrawDeps } from './images/draw-interpreter.ts';
import type { PoolUseDeps } from './pool-use.ts';
import { seedOf } from './queue.ts';
import type { Router } from './route.ts';
import { atMost } from './patience.ts';
import { nothingServed, type Served } from './served.ts';

export interface RelayDeps extends DrawDeps, AnswerDeps, MeteringDeps, Pick<PoolUseDeps, 'pools'> {
  clock: Clock;
  logger: Logger;
  authenticate: Authenticate;
  router: Router;
  /** Answers in a conversation whose model makes films; the film is charged by its own job. */
  converseFilm(spoken: SpokenFilm): Promise<Served>;
}

/** Relays one request to an upstream and its answer back. Never throws, and ends the answer in every case. */
export type Relay = (exchange: Exchange) => Promise<void>;

/**
 * The story of one request: who asks, may they, who serves it, write it down, ask, pass the answer on, settle.
 * Only the attempt loop loops, and only the settlement is in a `finally`.
 */
export function createRelay(deps: RelayDeps): Relay {
  const metering = createMetering(deps);
  const close = createClosing(deps, metering);

  return async (exchange) => {
    const answer = createAnswer(deps, exchange);
    const lap = stopwatch(deps, exchange);
    let admitted: Admitted | null = null;
    let served = nothingServed(0, null);
    try {
      const caller = exchange.caller ?? (await deps.authenticate(exchange.request, exchange.startedAt));
      exchange.caller = caller;
      lap('auth');
      exchange.request = await decodeRequestBody(exchange.request, MOST_DECODED_BYTES);
      const asked = exchange.format.readRequest(exchange.request.body, exchange.path);
      assertModelAllowed(caller.key, asked.model);
      const seed = (): number => seedOf(exchange, asked, deps.random);
      const plan = await deps.router.route(asked.model, { userId: caller.user.id, channel: caller.key.channel, seed });
      if (asksForFilm(exchange, plan)) {
        served = await deps.converseFilm({ exchange, facts: asked, plan, answer });
        return;
      }
      const { drawing, facts } = chooseWay(deps, exchange, { asked, plan });
      lap('route');
      const event = describeRequest(exchange, { caller, facts, plan });
      const admission = describeAdmission(event, { caller, facts, plan });
      const ticket = await metering.prepare(admission);
      admitted = { metered: { event, ticket, holds: new Map() }, plan };
      const outputCap = await admit(metering, admitted.metered, exchange);
      lap('admit');
      const limits = createCredentialLimits(metering, admitted.metered, admission);
      const request = { exchange, facts, plan, answer, outputCap, limits };
      served = await (drawing === null ? attempt(deps, request) : draw(deps, { ...request, drawing }));
    } catch (thrown) {
      const error = asGatewayError(thrown);
      answer.fail(error);
      served = nothingServed(error.status, error.code);
      if (error.internal !== undefined) logInternal(deps.logger, exchange, error.code, error.internal);
    } finally {
      if (exchange.run !== null) await exchange.run.answered();
      // The client has its end marker; its connection stays open until the figures are written.
      const closing = admitted && !served.goesOn ? close(admitted, { served, answer, exchange }) : null;
      // A store that hangs must not hold the client as long; what cannot be settled by then is swept.
      if (served.error === 'store_unavailable') await atMost(deps.scheduler, STORE_PATIENCE_MS, closing);
      else await closing;
      await answer.end();
      await closing;
      log(deps, exchange, served);
    }
  };
}

const STORE_PATIENCE_MS = 2_000;

/** Notes for `server-timing` how long each step took. */
function stopwatch({ scheduler }: RelayDeps, exchange: Exchange): (name: string) => void {
  let since = exchange.startedMono;
  return (name) => {
    const now = scheduler.monotonicMs();
    exchange.timings.push({ name, durationMs: now - since });
    since = now;
  };
}

function logInternal(logger: Logger, exchange: Exchange, code: string, internal: string): void {
  logger.warn('relay_error', { request_id: exchange.requestId, code, internal });
}

function log({ logger, scheduler }: RelayDeps, exchange: Exchange, served: Served): void {
  logger.info('request', {
    request_id: exchange.requestId,
    path: exchange.request.path.slice(0, 200),
    user_id: exchange.caller?.user.id,
    key_id: exchange.caller?.key.id,
    upstream: served.candidate?.upstream,
    model: served.candidate?.model,
    status: served.status,
    error: served.error,
    attempts: exchange.attempts.length,
    duration_ms: Math.round(scheduler.monotonicMs() - exchange.startedMono),
  });
}
