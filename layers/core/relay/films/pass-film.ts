import { isGatewayError, type GatewayError } from '@sluice/kit/errors/gateway-error';
import type { VideoDriver } from '@sluice/llm/videos/driver';
import type { VideoRequest } from '@sluice/llm/videos/video';
import { asGatewayError } from '../answer.ts';
import type { Exchange } from '../exchange.ts';
import type { Passage } from '../interpreter.ts';
import { parseAnswer } from '../parse-answer.ts';
import { abandon, cutError, cutShort } from '../passage.ts';
import type { AttemptResult } from '../served.ts';
import { LONGEST_TOLD_PROMPT, type FilmState } from './film-state.ts';
import type { FilmWork } from './film-work.ts';

interface Taken {
  driver: VideoDriver;
  passage: Passage;
}

/** An upstream's word that it has taken a film on: handed over, and told to the client in our words. */
export async function passFilm(exchange: Exchange, work: FilmWork, taken: Taken): Promise<AttemptResult> {
  const { passage } = taken;
  const id = await readId(taken);
  if (isGatewayError(id)) return endBadly(passage, id);
  const told = await work.handOver(stateOf(exchange, taken, { request: work.request, id }));
  if (isGatewayError(told)) return endBadly(passage, told);
  const { answer, candidate } = passage;
  answer.head(200, { 'content-type': 'application/json', 'content-length': String(told.length) });
  void answer.content(told);
  const nothing = { usage: null, usageIsFinal: false, delivered: null };
  const served = { ...nothing, status: 200, error: null, extent: 'nothing', candidate, goesOn: true } as const;
  return { kind: 'served', served, failure: null };
}

const MOST_BYTES = 1024 * 1024;

async function readId({ driver, passage }: Taken): Promise<string | GatewayError> {
  const { upstream } = passage;
  const kept: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const chunk = upstream.take();
    if (chunk !== null) {
      bytes += chunk.length;
      if (bytes <= MOST_BYTES) kept.push(chunk);
    } else if (upstream.failure || upstream.finished) {
      break;
    } else {
      await upstream.changed();
    }
  }
  if (upstream.failure !== null) return cutError(upstream.failure);
  try {
    return driver.decodeCreated(parseAnswer(Buffer.concat(kept)));
  } catch (error) {
    return asGatewayError(error);
  }
}

/** It may have been taken on, so nobody else is asked. */
function endBadly({ upstream }: Passage, error: GatewayError): AttemptResult {
  const result = upstream.failure === null ? abandon(upstream, error) : cutShort(upstream, error);
  return result.kind === 'failed' ? { ...result, retryable: false } : result;
}

function stateOf(
  exchange: Exchange,
  { driver, passage: { candidate, upstream } }: Taken,
  { request, id }: { request: VideoRequest; id: string },
): FilmState {
  const attempt = { status: upstream.status, error: null, durationMs: 0 };
  return {
    upstream: candidate.upstream,
    credentialId: candidate.credentialId,
    ...(candidate.use !== undefined && { use: candidate.use }),
    id,
    upstreamModel: candidate.model,
    prompt: request.prompt.slice(0, LONGEST_TOLD_PROMPT),
    seconds: driver.secondsOf(request, () => undefined),
    pixels: request.pixels,
    warnings: [...exchange.warnings],
    attempts: [...exchange.attempts, { upstream: candidate.upstream, credential: candidate.credential, ...attempt }],
  };
}
