import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { createAwsEventFramer } from '@sluice/kit/stream/aws-event-framer';
import { parseSseEvent } from '@sluice/kit/stream/sse-event';
import { createEventFramer, type EventFramer } from '@sluice/kit/stream/sse-framing';
import type { StreamTap, WireFormat } from '@sluice/llm/formats/wire-format';
import type { Framing } from '@sluice/llm/upstreams/vendor';
import { STREAM_HEADERS } from './answer.ts';
import { mayBeObject } from './misfit.ts';
import {
  abandon,
  cutError,
  cutShort,
  errorInStream,
  gone,
  notAnAnswer,
  served,
  takeApart,
  type Seen,
} from './passage.ts';
import type { Passage } from './interpreter.ts';
import { headersForClient } from './passed-headers.ts';
import type { AttemptResult } from './served.ts';
import { blameFor } from './upstream-answers.ts';

/** Complete events as they come; the end is marked by the upstream's marker or by an error, and by nothing else. */
export async function passStream(passage: Passage): Promise<AttemptResult> {
  const { upstream, answer, watch, language } = passage;
  answer.head(200, { ...headersForClient(upstream.headers), ...STREAM_HEADERS });
  watch.speakEvery(passage.pingMs);
  const tap = language.createStreamTap();
  const framer = createFramer(passage.candidate.address.framing);
  for (;;) {
    const chunk = upstream.take();
    if (chunk === null) {
      if (upstream.failure || upstream.finished) break;
      await upstream.changed();
      continue;
    }
    const block = takeApart(framer, upstream, chunk);
    if (block === null) {
      watch.touch();
      continue;
    }
    const bytes = tap.see(block);
    // An upstream that only says that it lives has not begun its answer, and another one still may.
    if (!answer.hasContent && isComment(block.bytes)) {
      if (bytes !== null) {
        void answer.aside(bytes);
        watch.spoke();
      }
      watch.touch();
      continue;
    }
    if (tap.failed && passage.canRetry && !answer.hasContent) return abandon(upstream, tap.error ?? errorInStream());
    const drained = bytes === null ? undefined : send(passage, bytes);
    if (drained) await drained;
    if (tap.ended) break;
    if (!passage.isGone()) watch.enter('idleMs');
  }
  return endStream(passage, tap, framer.rest());
}

const COLON = 0x3a;

/** Comment lines and nothing else; one that quotes a field name is taken for an event, which does no harm. */
function isComment(bytes: Buffer): boolean {
  return bytes[0] === COLON && !bytes.includes('data:') && !bytes.includes('event:');
}

/** To wait for a slow client, without holding its slowness against the upstream; nothing where it is quick enough. */
export function send({ answer, watch, onContent }: Passage, bytes: Uint8Array): Promise<void> | undefined {
  if (!answer.hasContent) onContent();
  const drained = answer.content(bytes);
  watch.spoke();
  if (!drained) return undefined;
  watch.hold();
  return drained;
}

function endStream(passage: Passage, tap: StreamTap, rest: Buffer | null): AttemptResult {
  const { upstream, answer, format, language } = passage;
  if (tap.ended) {
    upstream.discard();
    return served(passage, tap, { status: 200, error: null, extent: 'complete' });
  }
  if (passage.isGone()) return gone(passage, tap);
  if (upstream.failure === null) {
    const owed = [seeRest(passage, tap, rest), tap.close?.() ?? null].filter((bytes) => bytes !== null);
    if (tap.failed && passage.canRetry && !answer.hasContent) return abandon(upstream, tap.error ?? errorInStream());
    for (const bytes of owed) void answer.content(bytes);
    if (tap.finished && !tap.failed) {
      if (!tap.ended && language.isSame) void answer.aside(format.endMarker);
      return served(passage, tap, { status: 200, error: null, extent: 'complete' });
    }
    // The upstream's own error is the last word; ours would only repeat it.
    if (tap.failed) {
      return served(passage, tap, { status: 200, error: 'upstream_error', extent: 'partial' }, { kind: 'broken' });
    }
  }
  const error = cutError(upstream.failure);
  if (!answer.hasContent && passage.canRetry) {
    return cutShort(upstream, error);
  }
  answer.fail(error);
  return served(passage, tap, { status: 200, error: error.code, extent: 'partial' }, blameFor(upstream.failure, true));
}

/** A last event that lacks its empty line may be whole all the same when the upstream ended in order. */
function seeRest({ format }: Passage, tap: StreamTap, rest: Buffer | null): Buffer | null {
  if (rest === null || !isWhole(rest, format)) return null;
  const bytes = Buffer.concat([rest, Buffer.from('\n\n')]);
  return tap.see({ bytes, ends: [bytes.length] });
}

function isWhole(rest: Buffer, format: WireFormat): boolean {
  const { data } = parseSseEvent(rest);
  if (data === null || data === parseSseEvent(format.endMarker).data) return data !== null;
  try {
    JSON.parse(data);
    return true;
  } catch {
    return false;
  }
}

/** Whole bodies up to this size are held until they are complete, so that another upstream can still answer. */
const MOST_HELD_BYTES = 256 * 1024;
/** Beyond this the usage report is no longer looked for. */
const MOST_KEPT_BYTES = 16 * 1024 * 1024;

/** Bytes into events, whatever the vendor wraps them in. */
export function createFramer(framing: Framing): EventFramer {
  return framing === 'sse' ? createEventFramer() : createAwsEventFramer({ wrapped: framing !== 'aws-event-stream' });
}

/** An error under the status of a success, as some resellers tell theirs; null for an answer, also for one that failed. */
function errorInBody(body: Buffer, format: WireFormat): GatewayError | null {
  if (!body.includes('"error"')) return null;
  try {
    const { error, id } = JSON.parse(body.toString()) as Record<string, unknown>;
    if (error === undefined || error === null || error === false || id !== undefined) return null;
  } catch {
    return null;
  }
  const said = format.decodeErrorMessage(body);
  return said === null ? errorInStream() : new GatewayError('upstream_error', { message: said });
}

/** A body as it is. Small ones go out when they are complete; of a large one a cut breaks the client's connection. */
export async function passBody(passage: Passage): Promise<AttemptResult> {
  const { upstream, answer, watch } = passage;
  const kept: Buffer[] = [];
  let keptBytes = 0;
  for (;;) {
    const chunk = upstream.take();
    if (chunk === null) {
      if (upstream.failure || upstream.finished) break;
      await upstream.changed();
      continue;
    }
    watch.enter('idleMs');
    keptBytes += chunk.length;
    if (keptBytes <= MOST_KEPT_BYTES) kept.push(chunk);
    if (answer.hasContent) {
      await send(passage, chunk);
    } else if (keptBytes > MOST_HELD_BYTES) {
      answer.head(upstream.status, headersForClient(upstream.headers));
      await send(passage, Buffer.concat(kept));
    }
  }
  return endBody(passage, kept.length === 1 ? (kept[0] as Buffer) : Buffer.concat(kept));
}

function endBody(passage: Passage, body: Buffer): AttemptResult {
  const { upstream, answer, format } = passage;
  const facts = format.readBody(body);
  const seen: Seen = { usage: facts.usage, finished: true, delivered: () => facts.delivered };
  if (upstream.failure === null) {
    if (!answer.hasContent) {
      if (!mayBeObject(body)) return abandon(upstream, notAnAnswer());
      const said = facts.usage === null ? errorInBody(body, format) : null;
      if (said !== null) return abandon(upstream, said);
      answer.head(upstream.status, { ...headersForClient(upstream.headers), 'content-length': String(body.length) });
      void answer.content(body);
    }
    return served(passage, seen, { status: upstream.status, error: null, extent: 'complete' });
  }
  if (!answer.hasContent) seen.delivered = () => ({ output: '', reasoning: '' });
  if (passage.isGone()) return gone(passage, seen);
  const error = cutError(upstream.failure);
  if (!answer.hasContent) {
    return cutShort(upstream, error);
  }
  answer.fail(error);
  const result = { status: upstream.status, error: error.code, extent: 'partial' } as const;
  return served(passage, seen, result, blameFor(upstream.failure, true));
}
