import { GatewayError, isGatewayError } from '@sluice/kit/errors/gateway-error';
import { STREAM_HEADERS } from './answer.ts';
import type { Passage, WholeAnswer } from './interpreter.ts';
import { abandon, cutError, cutShort, gone, served, takeApart } from './passage.ts';
import { createFramer, send } from './passthrough.ts';
import type { AttemptResult } from './served.ts';
import { headersForClient } from './passed-headers.ts';

/** What is converted must be read whole; no answer is this long. */
const LONGEST_ANSWER_BYTES = 64 * 1024 * 1024;

/**
 * A whole answer of another language, or one that came whole where a stream was asked for, and the reverse: read to its
 * end, converted and sent at once.
 * @param isEvents the upstream streams
 */
export async function passConverted(passage: Passage, isEvents: boolean): Promise<AttemptResult> {
  const { upstream, answer, language, facts } = passage;
  const body = await readWhole(passage, isEvents);
  const nothingSeen = { usage: null, finished: false, delivered: () => ({ output: '', reasoning: '' }) };
  if (passage.isGone()) return gone(passage, nothingSeen);
  if (upstream.failure !== null) return cutShort(upstream, cutError(upstream.failure));
  const converted = convert(() => language.convertWhole(body, isEvents));
  if (isGatewayError(converted)) return abandon(upstream, converted);
  const { bytes } = converted;
  const own = facts.stream
    ? STREAM_HEADERS
    : { 'content-type': 'application/json', 'content-length': String(bytes.length) };
  answer.head(200, { ...headersForClient(upstream.headers), ...own });
  await send(passage, bytes);
  const seen = { usage: converted.facts.usage, finished: true, delivered: () => converted.facts.delivered };
  return served(passage, seen, { status: 200, error: null, extent: 'complete' });
}

async function readWhole({ upstream, watch, candidate }: Passage, isEvents: boolean): Promise<Buffer> {
  const framer = isEvents && candidate.address.framing !== 'sse' ? createFramer(candidate.address.framing) : null;
  const kept: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const chunk = upstream.take();
    if (chunk !== null) {
      watch.enter('idleMs');
      bytes += chunk.length;
      if (bytes > LONGEST_ANSWER_BYTES) upstream.abort(tooLong());
      const piece = framer ? takeApart(framer, upstream, chunk)?.bytes : chunk;
      if (piece) kept.push(piece);
    } else if (upstream.failure || upstream.finished) {
      return Buffer.concat(kept);
    } else {
      await upstream.changed();
    }
  }
}

function tooLong(): GatewayError {
  return new GatewayError('upstream_error', { message: 'The upstream’s answer is too long to be converted.' });
}

function convert(work: () => WholeAnswer): WholeAnswer | GatewayError {
  try {
    return work();
  } catch (error) {
    if (isGatewayError(error)) return error;
    const internal = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return new GatewayError('upstream_error', {
      message: 'The upstream’s answer could not be converted.',
      internal,
      cause: error,
    });
  }
}
