import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { createBlobTap, type BlobTap } from '@sluice/kit/json/blob-tap';
import { readSseEvent } from '@sluice/kit/stream/sse-event';
import { createEventFramer, type EventBlock } from '@sluice/kit/stream/sse-framing';
import { blobName, type ImageDriver } from '@sluice/llm/images/driver';
import type { ImageEvent } from '@sluice/llm/images/image';
import { isJsonObject, type JsonObject } from '@sluice/llm/neutral/json';
import { NO_FIGURES } from '@sluice/llm/formats/usage-figures';
import { asGatewayError, STREAM_HEADERS } from '../answer.ts';
import { parseAnswer } from '../parse-answer.ts';
import type { Passage } from '../interpreter.ts';
import { abandon, cutError, cutShort, gone, served } from '../passage.ts';
import { send } from '../passthrough.ts';
import type { AttemptResult } from '../served.ts';
import type { DrawnImage, DrawnPartial } from './drawn.ts';
import { gather, type Barn, type Harvest } from './harvest.ts';
import { FEW_BYTES } from './keep-blobs.ts';

/** What one call's answer is read with, and where its pictures go. */
export interface Reaping {
  driver: ImageDriver;
  harvest: Harvest;
  barn: Barn;
  /** Told of what a streaming client is to hear at once; null: nothing. */
  tellPartial(partial: Omit<DrawnPartial, 'index' | 'progress'>): Buffer | null;
  tellImages(images: readonly DrawnImage[]): Promise<Uint8Array[]>;
}

/** What is left of an answer without its pictures is small. */
const MOST_REST_BYTES = 4 * 1024 * 1024;

/** Reads an answer to its end, takes the pictures out of it as they arrive and keeps them. */
export async function passPictures(passage: Passage, reaping: Reaping): Promise<AttemptResult> {
  const { keeper } = reaping.barn;
  const tap = createBlobTap({ keys: reaping.driver.blobKeys, nameOf: blobName, open: keeper.open });
  const isEvents = (passage.upstream.headers['content-type'] ?? '').startsWith('text/event-stream');
  try {
    await (isEvents ? reapEvents(passage, reaping, tap) : reapBody(passage, reaping, tap));
  } catch (thrown) {
    keeper.stop();
    return endBadly(passage, reaping, asGatewayError(thrown));
  }
  keeper.stop();
  const { upstream } = passage;
  if (upstream.failure !== null || passage.isGone()) return endBadly(passage, reaping, cutError(upstream.failure));
  const { harvest } = reaping;
  if (harvest.images.length === 0) return abandonRefused(passage, harvest);
  return endWith(passage, harvest, 'complete');
}

/** What is drawn was paid, so what came of it is told even where the rest did not come. */
function endBadly(passage: Passage, { harvest }: Reaping, error: GatewayError): AttemptResult {
  const { upstream } = passage;
  if (passage.isGone()) return gone(passage, seenOf(harvest));
  if (harvest.images.length > 0) {
    upstream.abort(error);
    return endWith(passage, harvest, 'partial');
  }
  return upstream.failure === null ? abandon(upstream, error) : cutShort(upstream, error);
}

function abandonRefused({ upstream }: Passage, { refusal }: Harvest): AttemptResult {
  const message = refusal?.message ?? 'The upstream drew no picture.';
  const code = refusal?.isPolicy ? 'content_policy_violation' : 'upstream_error';
  return abandon(upstream, new GatewayError(code, { message }));
}

function endWith(passage: Passage, harvest: Harvest, extent: 'complete' | 'partial'): AttemptResult {
  return served(passage, seenOf(harvest), { status: 200, error: null, extent });
}

/** Pictures are counted by us; tokens are as the upstream reports them. */
function seenOf({ images, usage }: Harvest): Parameters<typeof served>[1] {
  const figures = usage === null && images.length === 0 ? null : { ...(usage ?? NO_FIGURES), images: images.length };
  return { usage: figures, finished: true, delivered: () => ({ output: '', reasoning: '' }) };
}

/** The bytes of an answer without its pictures, as they come; ends when the answer does. */
async function* restOf({ upstream, watch, isGone }: Passage, tap: BlobTap): AsyncGenerator<Buffer> {
  for (;;) {
    const chunk = upstream.take();
    if (chunk === null) {
      if (upstream.failure || upstream.finished || isGone()) return;
      await upstream.changed();
      continue;
    }
    const rest = await tap.push(chunk);
    watch.enter('idleMs');
    if (rest.length > 0) yield rest;
  }
}

async function reapBody(passage: Passage, reaping: Reaping, tap: BlobTap): Promise<void> {
  const { driver, harvest, barn } = reaping;
  const kept: Buffer[] = [];
  let bytes = 0;
  for await (const rest of restOf(passage, tap)) {
    bytes += rest.length;
    if (bytes > MOST_REST_BYTES) throw tooLong();
    kept.push(rest);
  }
  const { upstream } = passage;
  if (upstream.failure !== null || passage.isGone()) {
    // Pictures that came whole are there, though nothing is known of them but their place.
    if (!passage.isGone() && barn.keeper.blobs.size > 0) await gather(harvest, salvaged(barn), barn);
    return;
  }
  const drawn = await gather(harvest, driver.decodeAnswer(parseAnswer(Buffer.concat(kept))), barn);
  await tell(passage, await reaping.tellImages(drawn));
}

/** To a client that hears of pictures as they come. */
async function tell(passage: Passage, events: readonly Uint8Array[]): Promise<void> {
  if (events.length > 0) passage.answer.head(200, STREAM_HEADERS);
  for (const bytes of events) await send(passage, bytes);
}

function salvaged({ keeper }: Barn): Parameters<typeof gather>[1] {
  const images = [...keeper.blobs.keys()].map((index) => ({
    source: { kind: 'blob' as const, index },
    revisedPrompt: null,
  }));
  return { images, usage: null, created: null, settings: {}, refusal: null };
}

function tooLong(): GatewayError {
  return new GatewayError('upstream_error', { message: 'The upstream’s answer is too long.' });
}

async function reapEvents(passage: Passage, reaping: Reaping, tap: BlobTap): Promise<void> {
  const framer = createEventFramer({ maxEventBytes: MOST_REST_BYTES });
  for await (const rest of restOf(passage, tap)) {
    const block = framer.push(rest);
    if (block !== null) await reapBlock(passage, reaping, block);
  }
  const rest = framer.rest();
  if (rest === null || passage.upstream.failure !== null) return;
  const bytes = Buffer.concat([rest, Buffer.from('\n\n')]);
  await reapBlock(passage, reaping, { bytes, ends: [bytes.length] });
}

async function reapBlock(passage: Passage, reaping: Reaping, { bytes, ends }: EventBlock): Promise<void> {
  let start = 0;
  for (const end of ends) {
    const event = readSseEvent(bytes, start, end);
    start = end;
    const data = event && parseData(event.data);
    const told = data && (reaping.driver.decodeEvent?.(data) ?? null);
    if (told) await reapEvent(passage, reaping, told);
  }
}

function parseData(data: string): JsonObject | null {
  try {
    const parsed: unknown = JSON.parse(data);
    return isJsonObject(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

async function reapEvent(passage: Passage, reaping: Reaping, event: ImageEvent): Promise<void> {
  const { harvest, barn } = reaping;
  if (event.type === 'failure') {
    throw new GatewayError(event.isPolicy ? 'content_policy_violation' : 'upstream_error', { message: event.message });
  }
  if (event.type === 'partial') {
    const bytes = barn.keeper.blobs.get(event.blob)?.bytes ?? null;
    barn.keeper.forget(event.blob);
    if (bytes === null) return;
    const { partialIndex, settings } = event;
    const told = reaping.tellPartial({ partialIndex, settings, bytes });
    if (told !== null) await tell(passage, [told]);
    return;
  }
  const drawn = await gather(harvest, event.answer, barn);
  await tell(passage, await reaping.tellImages(drawn));
  for (const { source } of event.answer.images) if (source.kind === 'blob') barn.keeper.forget(source.index);
  for (const image of drawn) if (image.bytes !== null && image.bytes.length > FEW_BYTES) image.bytes = null;
}
