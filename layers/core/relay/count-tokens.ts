import { decodeRequestBody } from '@sluice/kit/http/content-encoding';
import type { RequestFacts } from '@sluice/llm/formats/wire-format';
import { rank } from '../credentials/select.ts';
import { createAnswer, type AnswerDeps } from './answer.ts';
import { assertModelAllowed, type Authenticate } from './authenticate.ts';
import { countUpstream, type UpstreamCountDeps } from './count-upstream.ts';
import { estimateTokens } from './admit.ts';
import { MOST_DECODED_BYTES, type Exchange } from './exchange.ts';
import type { Interpreter } from './interpreter.ts';
import { createInterpreter } from './language.ts';
import type { Plan, Router } from './route.ts';

export interface CountDeps extends AnswerDeps, UpstreamCountDeps {
  authenticate: Authenticate;
  router: Pick<Router, 'route'>;
}

/** Input tokens of a request, and whether anybody can know it better. */
export interface TokenCount {
  tokens: number;
  /** By the upstream's own endpoint, or by the tokenizer of the model's family. */
  exact: boolean;
}

/** `POST …/count_tokens`, `models/{m}:countTokens`: nothing is admitted, since nothing is made. @throws GatewayError */
export async function countTokens(deps: CountDeps, exchange: Exchange): Promise<void> {
  const caller = await deps.authenticate(exchange.request, exchange.startedAt);
  exchange.caller = caller;
  exchange.request = await decodeRequestBody(exchange.request, MOST_DECODED_BYTES);
  const facts = exchange.format.readCountRequest(exchange.request.body, exchange.path);
  assertModelAllowed(caller.key, facts.model);
  const { channel } = caller.key;
  const plan = await deps.router.route(facts.model, { userId: caller.user.id, channel, seed: () => 0 });
  const interpreter = createInterpreter(deps, { exchange, facts });
  const { tokens, exact } = await countInput(deps, { exchange, facts, plan, interpreter });
  if (!exact) exchange.warnings.push('estimated:input_tokens');
  const body = Buffer.from(exchange.format.encodeTokenCount(tokens));
  const answer = createAnswer(deps, exchange);
  answer.head(200, { 'content-type': 'application/json', 'content-length': String(body.length) });
  await answer.aside(body);
  await answer.end();
}

interface Asked {
  exchange: Exchange;
  facts: RequestFacts;
  plan: Plan;
  interpreter: Interpreter;
}

/**
 * Asks the candidate that would be asked first, where its format has a counter; else the tokenizer counts. Never throws
 * for what an upstream does.
 */
export async function countInput(deps: UpstreamCountDeps, asked: Asked): Promise<TokenCount> {
  const { exchange, plan } = asked;
  const [first] = rank(plan.candidates, 0);
  const native = first === undefined ? null : await countUpstream(deps, asked, first);
  if (native !== null) return { tokens: native, exact: true };
  const { body } = exchange.request;
  const tokens = await exchange.format.countRequest(body).catch(() => estimateTokens(body.length));
  return { tokens, exact: first?.features.tokenizer === 'o200k' };
}
