import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { publicOriginOf } from '@sluice/kit/http/public-origin';
import { createConvertedRequest, parseBody } from '@sluice/llm/convert/request';
import type { CarrierPort, ClientContext, Codec, StreamEncoder } from '@sluice/llm/formats/codec';
import { NO_FIGURES } from '@sluice/llm/formats/usage-figures';
import { imageRequestOf } from '@sluice/llm/images/from-conversation';
import type { NeutralResponse } from '@sluice/llm/neutral/response';
import { decodeVideoRequest } from '@sluice/llm/videos/decode-request';
import type { VideoRequest, VideoResult } from '@sluice/llm/videos/video';
import { hasEnded, type MediaJob } from '../../media/job.ts';
import { asGatewayError, createAnswer, STREAM_HEADERS, type Answer } from '../answer.ts';
import { asStore } from '../authenticate.ts';
import type { Exchange } from '../exchange.ts';
import { errorOf } from '../image-jobs.ts';
import { createKeptSink } from '../kept-sink.ts';
import { createClient, encodeWhole } from '../language.ts';
import { createPaddedSink } from '../padded-sink.ts';
import { CLIENT_GONE_STATUS, nothingServed, type Served } from '../served.ts';
import { findJob } from '../submit-job.ts';
import { beginFilm, type CreateFilmDeps } from './create-film.ts';
import type { SpokenFilm } from './spoken-film.ts';
import { readResult } from './tell-film.ts';

export interface ChatFilmDeps extends CreateFilmDeps {
  carriers: CarrierPort;
}

const FIRST_LOOK_MS = 200;
const LONGEST_LOOK_MS = 1_000;
const PING_MS = 15_000;

/**
 * A film in a conversation: its progress as thoughts, its address as the answer. It is made by a job of its own, which
 * goes on when the client leaves, and is charged by it.
 */
export async function converseFilm(deps: ChatFilmDeps, spoken: SpokenFilm): Promise<Served> {
  const { exchange, facts, answer } = spoken;
  const { codec } = exchange.format;
  if (codec === null) throw new Error('Nothing is said in this format');
  const client = createClient(exchange, { facts, carriers: deps.carriers });
  const neutral = createConvertedRequest({ codec, body: exchange.request.body, client }).read();
  const { prompt, images } = imageRequestOf(neutral);
  if (prompt === '') {
    const message = 'There is no text that says what to film.';
    throw new GatewayError('missing_prompt', { message, param: 'messages' });
  }
  const wish = { ...wishOf(facts.model, prompt, exchange.request.body), image: images[0] ?? null };
  const begun = await begin(deps, exchange, wish);
  if (begun.job === null) {
    answer.head(begun.status, begun.headers);
    void answer.aside(begun.body);
    return nothingServed(begun.status, 'bad_request');
  }
  const teller = facts.stream
    ? tellInStream(answer, codec.createStreamEncoder(client), { exchange, client })
    : tellAtOnce(deps, exchange, { codec, client });
  return waitAndTell(deps, {
    exchange,
    job: begun.job,
    teller,
    hasPreview: spoken.plan.settings.videoPosterPreview === 'on',
  });
}

/** `video_config` stands beside the messages. */
function wishOf(model: string, prompt: string, body: Buffer): VideoRequest {
  const config = body.includes('"video_config"') ? (parseBody(body)['video_config'] ?? null) : null;
  return decodeVideoRequest({ model, prompt, video_config: config });
}

type Begun = { job: MediaJob } | { job: null; status: number; headers: Record<string, string>; body: Buffer };

/** As if the film had been asked for on its own path; what refuses it there is told here. */
async function begin(deps: ChatFilmDeps, exchange: Exchange, wish: VideoRequest): Promise<Begun> {
  const sink = createKeptSink(null, exchange.sink.gone);
  const request = { ...exchange.request, method: 'POST', path: '/v1/videos' };
  const asking: Exchange = { ...exchange, request, sink, run: null };
  const { job, isNew } = await beginFilm(deps, asking, wish);
  exchange.warnings = asking.warnings;
  exchange.servedBy = asking.servedBy;
  const kept = sink.answer();
  if (!isNew || kept?.status === 200) return { job };
  const { status, headers, body } = kept ?? { status: 500, headers: {}, body: Buffer.alloc(0) };
  const passed = ['content-type', 'content-length', 'retry-after', 'x-should-retry'];
  const told = Object.entries(headers).filter(([name]) => passed.includes(name) || name.startsWith('x-ratelimit-'));
  return { job: null, status, headers: Object.fromEntries(told), body };
}

/** How a client hears of a film. */
interface Teller {
  progress(percent: number): void;
  /** Nothing has changed for a while. */
  alive(): void;
  done(text: string, seconds: number): void | Promise<void>;
  failed(error: GatewayError): void;
}

async function waitAndTell(
  deps: ChatFilmDeps,
  told: { exchange: Exchange; job: MediaJob; teller: Teller; hasPreview: boolean },
): Promise<Served> {
  const { exchange, teller, hasPreview } = told;
  try {
    const ended = await waitFor(deps, told);
    if (ended === null) return nothingServed(CLIENT_GONE_STATUS, null);
    const kept = await asStore(deps.jobs.readAnswer(ended));
    const result = readResult(kept);
    if (result === null) {
      const { message } = errorOf(ended, kept) ?? { message: 'The film was not made.' };
      throw new GatewayError('upstream_error', { message });
    }
    await teller.done(describe(result, publicOriginOf(exchange.request.headers) ?? '', hasPreview), result.seconds);
    return nothingServed(200, null);
  } catch (thrown) {
    const error = asGatewayError(thrown);
    teller.failed(error);
    return nothingServed(error.status, error.code);
  }
}

/** Null: the client went away. */
async function waitFor(
  deps: ChatFilmDeps,
  { exchange, job, teller }: { exchange: Exchange; job: MediaJob; teller: Teller },
): Promise<MediaJob | null> {
  let percent = -1;
  let spokeAt = deps.scheduler.monotonicMs();
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(pause * 1.5, LONGEST_LOOK_MS)) {
    if (exchange.sink.gone.aborted) return null;
    const found = await asStore(findJob(deps, { account: job.account, id: job.id, operation: 'videos' }));
    if (found === null) throw new GatewayError('not_found', { message: 'The film is no longer there.' });
    if (hasEnded(found)) return found;
    const now = deps.scheduler.monotonicMs();
    if (found.progress > percent) {
      percent = found.progress;
      spokeAt = now;
      teller.progress(percent);
    } else if (now - spokeAt >= PING_MS) {
      spokeAt = now;
      teller.alive();
    }
    await new Promise<void>((resolve) => void deps.scheduler.after(pause, resolve));
  }
}

function describe({ path, poster }: VideoResult, origin: string, hasPreview: boolean): string {
  const url = `${origin}${path}`;
  if (hasPreview) return poster === null ? `[video](${url})` : `[![video](${origin}${poster})](${url})`;
  const still = poster === null ? '' : ` poster="${origin}${poster}"`;
  return `<video src="${url}" controls="controls" preload="metadata"${still}></video>`;
}

const STOP = { reason: 'stop', stopSequence: null } as const;

function tellInStream(
  answer: Answer,
  encoder: StreamEncoder,
  { exchange, client }: { exchange: Exchange; client: ClientContext },
): Teller {
  let hasThoughts = false;
  const push = (part: Parameters<StreamEncoder['push']>[0]): void => {
    const text = encoder.push(part);
    if (text !== '') void answer.content(Buffer.from(text));
  };
  answer.head(200, { ...STREAM_HEADERS });
  push({ type: 'response-start', id: exchange.requestId, model: client.model, usage: null });
  return {
    progress(percent) {
      if (!hasThoughts) push({ type: 'block-start', block: 0, choice: 0, content: { type: 'reasoning' } });
      hasThoughts = true;
      push({ type: 'reasoning-delta', block: 0, text: `Making the video: ${percent} %\n` });
    },
    alive: () => void answer.aside(exchange.format.ping),
    done(text, seconds) {
      if (hasThoughts) push({ type: 'block-end', block: 0 });
      const block = hasThoughts ? 1 : 0;
      const usage = { ...NO_FIGURES, videoSeconds: seconds };
      push({ type: 'block-start', block, choice: 0, content: { type: 'text' } });
      push({ type: 'text-delta', block, text });
      push({ type: 'block-end', block });
      push({ type: 'choice-end', choice: 0, finish: STOP });
      push({ type: 'response-end', usage, serviceTier: null });
    },
    failed: (error) => answer.fail(error),
  };
}

/** A whole answer, whose connection is kept alive with white space while it is being made. */
function tellAtOnce(
  deps: ChatFilmDeps,
  exchange: Exchange,
  { codec, client }: { codec: Codec; client: ClientContext },
): Teller {
  const sink = createPaddedSink(exchange.sink, deps.scheduler, () => ({ 'cache-control': 'no-store' }));
  const answer = createAnswer(deps, { ...exchange, sink });
  return {
    progress: () => undefined,
    alive: () => undefined,
    done(text, seconds) {
      const response: NeutralResponse = {
        id: exchange.requestId,
        model: client.model,
        choices: [{ content: [{ type: 'text', text }], finish: STOP }],
        usage: { ...NO_FIGURES, videoSeconds: seconds },
        serviceTier: null,
      };
      const body = Buffer.from(encodeWhole(response, { codec, client, stream: false }));
      answer.head(200, { 'content-type': 'application/json' });
      return answer.content(body);
    },
    failed: (error) => answer.fail(error),
  };
}
