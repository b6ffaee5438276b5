import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { NO_FIGURES } from '@sluice/llm/formats/usage-figures';
import type { VideoResult } from '@sluice/llm/videos/video';
import { HARD_WALL_CLOCK_MS } from '../../metering/margin.ts';
import { createMetering, type MeteringDeps } from '../../metering/metering.ts';
import { accountOfCredential } from '../../sharing/remaining.ts';
import { asGatewayError, createAnswer, type AnswerDeps } from '../answer.ts';
import { asStore } from '../authenticate.ts';
import type { Candidate } from '../candidates.ts';
import { createClosing, type ClosingDeps } from '../close-request.ts';
import type { Exchange } from '../exchange.ts';
import type { JobRun } from '../job-work.ts';
import type { ResumeJob } from '../resume-job.ts';
import type { Plan, Router } from '../route.ts';
import { nothingServed, type Served } from '../served.ts';
import { awaitFilm, type AwaitDeps } from './await-film.ts';
import { copyFilm, type CopyDeps } from './copy-film.ts';
import { OPENAI_VIDEOS_RELAYED } from './film-format.ts';
import { driverOf } from './film-interpreter.ts';
import { readFilmState, writeFilmState, type FilmState } from './film-state.ts';

export interface ResumeFilmDeps extends AwaitDeps, CopyDeps, AnswerDeps, MeteringDeps, Pick<ClosingDeps, 'pools'> {
  clock: MeteringDeps['clock'];
  scheduler: MeteringDeps['scheduler'];
  logger: MeteringDeps['logger'];
  router: Pick<Router, 'locate'>;
}

/**
 * Goes on with a film that an upstream has taken on: asks until it has ended, copies it, settles it, and answers with
 * what it was copied to. Every step may be done again by another process: nothing is made or charged a second time.
 */
export function createFilmResumption(deps: ResumeFilmDeps): ResumeJob {
  const metering = createMetering(deps);
  const close = createClosing(deps, metering);
  return async (exchange, upstream) => {
    const { run } = exchange;
    const state = readFilmState(upstream);
    if (run === null || state === null) throw new Error('It is not known what to go on with');
    takeUp(exchange, state);
    const answer = createAnswer(deps, exchange);
    const outcome = await finish(deps, { exchange, run, state });
    // Somebody else goes on with it.
    if (exchange.sink.gone.aborted) return exchange.sink.destroy();
    const metered = await asStore(metering.takeOver(exchange.requestId, [accountOfCredential(state.credentialId)]));
    if (metered !== null) {
      exchange.startedMono = deps.scheduler.monotonicMs() - Math.max(0, deps.clock() - metered.event.startedAt);
      await close({ metered, plan: outcome.plan }, { served: outcome.served, answer, exchange });
    }
    if ('error' in outcome) {
      answer.fail(outcome.error);
    } else {
      const body = Buffer.from(JSON.stringify(outcome.result));
      answer.head(200, { 'content-type': 'application/json', 'content-length': String(body.length) });
      await answer.content(body);
    }
    await answer.end();
  };
}

function takeUp(exchange: Exchange, { warnings, attempts }: FilmState): void {
  exchange.format = OPENAI_VIDEOS_RELAYED;
  exchange.warnings = [...warnings];
  exchange.attempts = [...attempts];
}

interface Located {
  plan: Plan;
  candidate: Candidate;
}

/** Whoever took it on, whatever has become of the routes and quotas since. @throws GatewayError `no_credential` */
async function locate({ router }: ResumeFilmDeps, run: JobRun, state: FilmState): Promise<Located> {
  const { upstream, credentialId, upstreamModel, use } = state;
  const plan = await router.locate(run.job.model, { upstream, credentialId, model: upstreamModel });
  const [found] = plan.candidates;
  if (found === undefined) {
    const message = 'The upstream that makes this film is no longer configured here.';
    throw new GatewayError('no_credential', { message });
  }
  return { plan, candidate: { ...found, ...(use !== undefined && { use }) } };
}

interface Resumed {
  exchange: Exchange;
  run: JobRun;
  state: FilmState;
}

/** `plan` is null where nobody is left who could be asked. */
type Outcome = { served: Served; plan: Plan | null } & ({ result: VideoResult } | { error: GatewayError });

/** Never throws. */
async function finish(deps: ResumeFilmDeps, resumed: Resumed): Promise<Outcome> {
  const { run, state } = resumed;
  let located: Located | null = null;
  try {
    located = await locate(deps, run, state);
    const { plan, candidate } = located;
    const result = state.result ?? (await make(deps, resumed, located));
    if (state.result === undefined) {
      const refusal = await run.keepUpstream(writeFilmState({ ...state, result }));
      if (refusal !== null) throw refusal;
    }
    const usage = { ...NO_FIGURES, videoSeconds: result.seconds };
    const whole = { status: 200, error: null, extent: 'complete', usageIsFinal: true, delivered: null } as const;
    return { served: { ...whole, usage, candidate }, plan, result };
  } catch (thrown) {
    const error = asGatewayError(thrown);
    deps.logger.warn('film_failed', { job: run.job.id, film: state.id, code: error.code, internal: error.internal });
    const served = { ...nothingServed(error.status, error.code), candidate: located?.candidate ?? null };
    return { served, plan: located?.plan ?? null, error };
  }
}

async function make(
  deps: ResumeFilmDeps,
  { exchange, run, state }: Resumed,
  { plan, candidate }: Located,
): Promise<VideoResult> {
  const source = { candidate, allowedNetworks: plan.settings.allowedUpstreamNetworks };
  const driver = driverOf(candidate);
  const ended = await awaitFilm(deps, {
    source,
    driver,
    id: state.id,
    deadline: run.job.createdAt + HARD_WALL_CLOCK_MS,
    gone: exchange.sink.gone,
    onProgress: (percent) => run.progress(percent),
  });
  if (ended.kind === 'failed') {
    const code = ended.isPolicy ? 'content_policy_violation' : 'upstream_error';
    throw new GatewayError(code, { message: ended.message });
  }
  const { seconds, id } = state;
  return copyFilm(deps, { source, driver, id, owner: run.job.account, state: ended, seconds });
}
