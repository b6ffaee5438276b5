import type { Gateway, Served } from './gateway.ts';
import type { Policy } from './policies.ts';
import type { Request, Trace } from './trace.ts';
import { uniform, type Outcome, type Upstreams } from './upstreams.ts';
import type { VirtualTime } from './virtual-time.ts';

interface Stage {
  trace: Trace;
  upstreams: Upstreams;
  time: VirtualTime;
}

const PATIENCE_MS = 300_000;

/** Whom a request asks in turn; `next` is given what has been asked in vain. */
type Choose = (request: Request, index: number) => { next(tried: ReadonlySet<string>): string | null };

/**
 * What many gateways do. `fixed`: by chance among those that do not rest, and an account that fails rests so long,
 * whatever it said; where all rest, the request is refused. `by-turns`: one after the other, without a memory.
 */
export function createSimpleGateway(stage: Stage, policy: Policy): Gateway {
  const resting = new Map<string, number>();
  const ids = stage.trace.accounts.map(({ id }) => id);
  const choose: Choose = (request, index) => ({
    next(tried) {
      const order =
        policy.kind === 'by-turns'
          ? [...ids.slice(index % ids.length), ...ids.slice(0, index % ids.length)]
          : ids.toSorted((left, right) => uniform(`${request.at} ${left}`) - uniform(`${request.at} ${right}`));
      const open = order.filter((id) => !tried.has(id) && (resting.get(id) ?? 0) <= stage.time.now());
      return open[0] ?? null;
    },
  });
  return askInTurn(stage, choose, (id) => {
    if (policy.restMs !== undefined) resting.set(id, stage.time.now() + policy.restMs);
  });
}

/**
 * Knows at each moment what would come of a call to each account, and takes the one that reads the least and begins
 * first; so it is a bound for whoever does not know, but for plans that pay off later.
 */
export function createOracle(stage: Stage): Gateway {
  const { trace, upstreams, time } = stage;
  const choose: Choose = (request) => ({
    next(tried) {
      const well = trace.accounts
        .map(({ id }) => ({ id, outcome: upstreams.peek(id, request, time.now()) }))
        .filter(({ id, outcome }) => outcome.failure === null && !tried.has(id) && outcome.afterMs < PATIENCE_MS)
        .toSorted((left, right) => costOf(request, left.outcome) - costOf(request, right.outcome));
      return well[0]?.id ?? null;
    },
  });
  return askInTurn(stage, choose, () => undefined);
}

/** A thousand tokens that need not be read are worth a wait of this long, for the bill and for the client. */
const MS_PER_UNREAD_TOKEN = 0.25;

function costOf({ promptTokens }: Request, { afterMs, cachedTokens }: Outcome): number {
  return afterMs + (promptTokens - cachedTokens) * MS_PER_UNREAD_TOKEN;
}

function askInTurn({ upstreams, time }: Stage, choose: Choose, onFailure: (id: string) => void): Gateway {
  return {
    async serve(request, index) {
      const { promptTokens } = request;
      const arrivedAt = time.now();
      const served: Served = {
        isServed: false,
        afterMs: 0,
        calls: 0,
        promptTokens,
        cachedTokens: 0,
        wasted: 0,
      };
      const tried = new Set<string>();
      const { next } = choose(request, index);
      for (let id = next(tried); id !== null; id = next(tried)) {
        tried.add(id);
        served.calls += 1;
        const outcome = upstreams.ask(id, request, time.now());
        await time.sleep(Math.min(outcome.afterMs, PATIENCE_MS));
        if (outcome.failure === null && outcome.afterMs <= PATIENCE_MS) {
          served.isServed = true;
          served.cachedTokens = outcome.cachedTokens;
          break;
        }
        onFailure(id);
      }
      served.afterMs = time.now() - arrivedAt;
      return served;
    },
  };
}
