import type { UpstreamClient } from '@sluice/kit/http/upstream-client';
import type { UpstreamExchange } from '@sluice/kit/http/upstream-exchange';
import type { Scheduler } from '@sluice/kit/time/scheduler';
import { writeBody } from '@sluice/llm/convert/request';
import { TOKEN_COUNTERS } from '@sluice/llm/formats/token-counters';
import type { Candidate } from './candidates.ts';
import type { Exchange } from './exchange.ts';
import type { Interpreter } from './interpreter.ts';
import type { InterpreterDeps } from './language.ts';
import { prepareHeaders, type PrepareDeps } from './prepare-call.ts';
import type { Plan } from './route.ts';

export interface UpstreamCountDeps extends PrepareDeps, InterpreterDeps {
  upstreamClient: UpstreamClient;
  scheduler: Scheduler;
}

/** A counter that takes longer is no help: the tokenizer is there in a moment. */
const COUNT_TIMEOUT_MS = 5_000;
const LONGEST_ANSWER = 64 * 1024;

/** What the upstream's own counter says; null where it has none, or fails. */
export async function countUpstream(
  deps: UpstreamCountDeps,
  { exchange, plan, interpreter }: { exchange: Exchange; plan: Plan; interpreter: Interpreter },
  candidate: Candidate,
): Promise<number | null> {
  const counter = TOKEN_COUNTERS[candidate.format];
  if (counter === undefined) return null;
  try {
    const request = interpreter.encodeFor(candidate);
    const { signing, ...address } = candidate.address.address({ operation: 'count-tokens', model: candidate.model });
    if (signing !== null) return null;
    const call = deps.upstreamClient.open({
      ...address,
      method: 'POST',
      headers: { ...prepareHeaders(exchange, candidate, false), ...address.headers },
      body: writeBody(counter.encode(request, candidate.model)),
      proxyUrl: candidate.proxyUrl,
      allowedNetworks: plan.settings.allowedUpstreamNetworks,
    });
    const stop = deps.scheduler.after(COUNT_TIMEOUT_MS, () => call.abort(new Error('The counter did not answer')));
    try {
      return counter.decode(await readAnswer(call));
    } finally {
      stop();
    }
  } catch {
    // No endpoint for it, or a request that its language cannot say: the call itself will tell the client.
    return null;
  }
}

async function readAnswer(call: UpstreamExchange): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  while (!call.finished && call.failure === null && bytes <= LONGEST_ANSWER) {
    const chunk = call.take();
    if (chunk === null) {
      if (call.finished || call.failure) break;
      await call.changed();
      continue;
    }
    chunks.push(chunk);
    bytes += chunk.length;
  }
  if (bytes > LONGEST_ANSWER) call.abort(new Error('The counter says too much'));
  if (call.status !== 200 || call.failure) return null;
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return null;
  }
}
