import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { PlainRequest, Sink } from '@sluice/kit/http/exchange';
import { ANY_ORIGIN_READS, envelopeOf } from '@sluice/kit/http/path-envelopes';
import { createRouter, type RouteRow } from '@sluice/kit/http/router';
import { createRequestId } from '@sluice/kit/ids/request-id';
import type { WireFormat } from '@sluice/llm/formats/wire-format';
import { createPool } from '../credentials/pool.ts';
import { createWarmPlaces } from '../credentials/warm-places.ts';
import { createKeyUseNotes, type KeyUseStore } from '../identity/key-uses.ts';
import type { ContentStore } from '../content/store.ts';
import type { JobKey } from '../media/job.ts';
import type { MediaStore } from '../media/media-store.ts';
import type { Uploads } from '../media/uploads.ts';
import type { PoolStateStore } from '../credentials/pool-state.ts';
import { createMetering } from '../metering/metering.ts';
import { commonHeaders, createAnswer, failExchange, type AnswerDeps } from './answer.ts';
import { createAuthenticate, type AuthenticateDeps } from './authenticate.ts';
import { corsHeaders, preflightHeaders } from './cors.ts';
import { readClientRequestId, type Exchange } from './exchange.ts';
import { createFirstContentTimes } from './first-content-times.ts';
import { createHedgeBudget, type HedgeBudgetDeps } from './hedge-budget.ts';
import { createFilmResumption } from './films/resume-film.ts';
import { idempotencyKeyOf, performOnce } from './idempotency.ts';
import type { ImageJobDeps } from './image-job-calls.ts';
import { createJobRunner, type JobOutcome, type JobRunnerDeps } from './job-runner.ts';
import { createOperations, type RelayOperation } from './operations.ts';
import { createPaddedSink } from './padded-sink.ts';
import type { RelayDeps } from './relay.ts';
import { createRenewal, type RenewalDeps } from './renewal.ts';
import { createVoidRuns } from './void-runs.ts';
import { createRouter as createModelRouter, type RouteDeps } from './route.ts';

export interface RelayRoute extends RouteRow {
  operation: RelayOperation;
  /** The language of the path; whose error object its callers read is told by `envelopeOf`. */
  format: WireFormat;
  /** Streams begin with their true input tokens, counted beside the call where the upstream does not say them. */
  tellsInputFirst?: true;
  /** A whole answer may be so long in coming that its connection has to be kept alive. */
  pads?: true;
  /** The operation sees to the client's `Idempotency-Key` by itself. */
  keepsKey?: true;
}

export interface FrontDeps
  extends
    Omit<
      RelayDeps,
      | 'authenticate'
      | 'router'
      | 'pool'
      | 'renewal'
      | 'noteKeyUse'
      | 'converseFilm'
      | 'warmPlaces'
      | 'hedgeBudget'
      | 'firstContentTimes'
    >,
    Pick<HedgeBudgetDeps, 'hedges'>,
    RenewalDeps,
    Omit<AuthenticateDeps, 'cacheLifeMs' | 'catalog' | 'identity'>,
    Omit<RouteDeps, 'cacheLifeMs' | 'pool' | 'catalog' | 'pools'>,
    Pick<JobRunnerDeps, 'jobs' | 'pepperOf' | 'postWebhook'>,
    Pick<ImageJobDeps, 'startJob' | 'newestPepper'> {
  identity: AuthenticateDeps['identity'] & JobRunnerDeps['identity'];
  catalog: RouteDeps['catalog'] & AuthenticateDeps['catalog'];
  poolStates: PoolStateStore;
  keyUses: Pick<KeyUseStore, 'noteUse'>;
  content: ContentStore;
  media: MediaStore;
  uploads: Uploads;
  routes: readonly RelayRoute[];
  /** Stands in for paths that are not in the table, of which nothing but errors is told. */
  defaultFormat: WireFormat;
  /** How long keys, users, models, credentials and settings may be believed; 10 s when left out, and never more. */
  cacheLifeMs?: number;
}

export type Handle = (request: PlainRequest, sink: Sink) => Promise<void>;

const LONGEST_CACHE_LIFE_MS = 10_000;
/** Of a path that is told back. */
const LONGEST_ECHO = 200;

export interface DataPlane {
  handle: Handle;
  /** Runs what was kept to be done without its client (core/media/job.ts). */
  runJob(key: JobKey): Promise<JobOutcome>;
}

/** The relay's front: from a plain request to its operation; whatever goes wrong is told in the path's language. */
export function createFront(given: FrontDeps): Handle {
  return createDataPlane(given).handle;
}

export function createDataPlane(given: FrontDeps): DataPlane {
  const deps = { ...given, noteKeyUse: createKeyUseNotes({ store: given.keyUses, logger: given.logger }) };
  const cacheLifeMs = Math.min(deps.cacheLifeMs ?? LONGEST_CACHE_LIFE_MS, LONGEST_CACHE_LIFE_MS);
  const paths = createRouter(deps.routes);
  const pool = createPool(deps);
  const router = createModelRouter({ ...deps, pool, cacheLifeMs });
  const authenticate = createAuthenticate({ ...deps, cacheLifeMs });
  const renewal = createRenewal({ ...deps, router });
  const warmPlaces = createWarmPlaces(deps);
  const operations = createOperations({
    ...deps,
    pool,
    warmPlaces,
    router,
    renewal,
    authenticate,
    hedgeBudget: createHedgeBudget(deps),
    firstContentTimes: createFirstContentTimes(),
  });

  const voidRuns = createVoidRuns({ ...deps, metering: createMetering(deps) });

  const perform = async (exchange: Exchange): Promise<void> => {
    const { request } = exchange;
    const match = paths.match(request.method, request.path);
    if (request.headers['origin'] !== undefined) {
      // Should the settings be out of reach, that may be told to everybody.
      exchange.surfaceHeaders = ANY_ORIGIN_READS;
      const settings = await router.settings();
      exchange.surfaceHeaders = corsHeaders(settings.browserOrigins, request.headers['origin']);
    }
    if (match === null) {
      throw new GatewayError('not_found', { message: `Unknown request URL: ${addressOf(request)}.` });
    }
    if ('allowed' in match) {
      const mayAsk = exchange.surfaceHeaders['access-control-allow-origin'] !== undefined;
      if (request.method === 'OPTIONS' && mayAsk) return answerPreflight(deps, exchange, match.allowed);
      const allow = match.allowed.join(', ');
      throw new GatewayError('method_not_allowed', {
        message: `${addressOf(request)} is not allowed. Allowed: ${allow}.`,
        headers: { allow },
      });
    }
    const { row, rest } = match;
    exchange.format = row.format;
    exchange.tellsInputFirst = row.tellsInputFirst ?? false;
    if (row.pads === true && exchange.run === null) pad(deps, exchange);
    const serve = (): Promise<void> => operations[row.operation](exchange, rest);
    const key = row.keepsKey === true ? null : idempotencyKeyOf(request);
    return key === null ? serve() : performOnce({ ...deps, authenticate, voidRuns }, exchange, { key, perform: serve });
  };

  const runJob = createJobRunner({
    ...deps,
    voidRuns,
    begin: (request, sink) => beginExchange(deps, request, sink),
    perform,
    resume: { videos: createFilmResumption({ ...deps, renewal, router }) },
  });

  const handle: Handle = async (request, sink) => {
    const exchange = beginExchange(deps, request, sink);
    try {
      await perform(exchange);
    } catch (thrown) {
      await failExchange(deps, exchange, thrown);
    }
  };
  return { handle, runJob };
}

/** Keeps the connection of an answer alive that is long in coming and comes whole. */
function pad({ scheduler, buildId }: AnswerDeps, exchange: Exchange): void {
  exchange.sink = createPaddedSink(exchange.sink, scheduler, () =>
    commonHeaders(exchange, buildId, scheduler.monotonicMs()),
  );
}

function addressOf({ method, path }: PlainRequest): string {
  return `${method} ${path.slice(0, LONGEST_ECHO)}`;
}

function beginExchange(
  deps: Pick<FrontDeps, 'clock' | 'scheduler' | 'defaultFormat'>,
  request: PlainRequest,
  sink: Sink,
): Exchange {
  const startedAt = deps.clock();
  return {
    requestId: createRequestId(startedAt),
    clientRequestId: readClientRequestId(request.headers),
    request,
    sink,
    format: deps.defaultFormat,
    path: null,
    tellsInputFirst: false,
    tellInBand: null,
    envelope: envelopeOf({ path: request.path, headers: request.headers, publicApiPrefix: null }),
    startedAt,
    startedMono: deps.scheduler.monotonicMs(),
    caller: null,
    attempts: [],
    warnings: [],
    timings: [],
    surfaceHeaders: {},
    servedBy: null,
    drawing: null,
    run: null,
  };
}

async function answerPreflight(deps: AnswerDeps, exchange: Exchange, allowed: readonly string[]): Promise<void> {
  const answer = createAnswer(deps, exchange);
  answer.head(204, preflightHeaders(allowed, exchange.request.headers));
  await answer.end();
}
