import type { UpstreamClient } from '@sluice/kit/http/upstream-client';
import type { UpstreamExchange } from '@sluice/kit/http/upstream-exchange';
import type { Clock } from '@sluice/kit/time/clock';
import type { Scheduler } from '@sluice/kit/time/scheduler';
import type { RequestFacts } from '@sluice/llm/formats/wire-format';
import type { Pool } from '../credentials/pool.ts';
import type { WarmPlaces } from '../credentials/warm-places.ts';
import type { Answer } from './answer.ts';
import type { TokenCount } from './count-tokens.ts';
import type { CredentialLimits } from './credential-limits.ts';
import type { Exchange } from './exchange.ts';
import type { FirstContentTimes } from './first-content-times.ts';
import type { HedgeBudget } from './hedge-budget.ts';
import type { Interpreter } from './interpreter.ts';
import type { InterpreterDeps } from './language.ts';
import type { PrepareDeps } from './prepare-call.ts';
import type { Queue } from './queue.ts';
import type { Renewal } from './renewal.ts';
import type { Plan } from './route.ts';
import type { RelayTimers } from './timers.ts';
import type { Watch } from './watch.ts';

export interface AttemptDeps extends PrepareDeps, InterpreterDeps {
  upstreamClient: UpstreamClient;
  scheduler: Scheduler;
  timers: RelayTimers;
  pool: Pool;
  warmPlaces: WarmPlaces;
  renewal: Renewal;
  hedgeBudget: HedgeBudget;
  firstContentTimes: FirstContentTimes;
  clock: Clock;
  /** In [0, 1). */
  random(): number;
}

export interface AttemptRequest {
  exchange: Exchange;
  facts: RequestFacts;
  plan: Plan;
  answer: Answer;
  /** What one answer may have at most, by the hold of a hard limit; null where none binds. */
  outputCap: number | null;
  limits: CredentialLimits;
  /** Speaks to the candidates in place of the one that the client's format has. */
  interpreter?: Interpreter | undefined;
}

/** The state of one request's attempts. */
export interface Trial extends AttemptRequest {
  watch: Watch;
  isGone: boolean;
  /** The call that is under way. */
  current: UpstreamExchange | null;
  /** Another one beside it, until one of them shows content. */
  rival: UpstreamExchange | null;
  queue: Queue;
  interpreter: Interpreter;
  /** Of the input, for streams that begin with them; counted once, beside the first call. */
  inputTokens: Promise<TokenCount> | null;
  /** What the pool writes about this request's calls. */
  writes: Promise<void>[];
  /** Credentials whose access token was renewed for this request: no second time. */
  renewed: Set<string>;
}

/** A second generation of what may have been generated already would be paid twice; jobs promise one call. */
export function isAskedOnce({ exchange, plan }: Pick<AttemptRequest, 'exchange' | 'plan'>): boolean {
  return exchange.run !== null || plan.model.class === 'image' || plan.model.class === 'video';
}
