import { imageDriverOf } from '@sluice/llm/images/drivers';
import type { ImageDriver } from '@sluice/llm/images/driver';
import type { ImageRequest } from '@sluice/llm/images/image';
import type { AttemptDeps, AttemptRequest } from '../trial.ts';
import type { Candidate } from '../candidates.ts';
import type { Interpreter, Passage } from '../interpreter.ts';
import { createCallWarnings } from '../warnings.ts';
import { createBoundary, drawsNothing, type DrawCall, type Drawing } from './drawing.ts';
import { fetchPicture } from './fetch-picture.ts';
import type { Barn, Harvest } from './harvest.ts';
import { createHoldingKeeper, createMediumWriter, createStoringKeeper } from './keep-blobs.ts';
import { passPictures, type Reaping } from './pass-pictures.ts';
import type { ResolveDeps } from './resolve-inputs.ts';
import { collectPieces } from './send-pieces.ts';

export type DrawDeps = AttemptDeps & ResolveDeps;

export interface DrawRequest extends AttemptRequest {
  drawing: Drawing;
}

/** What one call is to bring, and where it goes. */
interface Share {
  /** With its pictures as bytes, where they were addresses. */
  request: ImageRequest;
  n: number;
  firstIndex: number;
  harvest: Harvest;
}

/** Speaks to candidate after candidate about pictures. */
export function createDrawInterpreter(deps: DrawDeps, asked: DrawRequest, share: Share): Interpreter {
  const { exchange, drawing, facts } = asked;
  const callWarnings = createCallWarnings(exchange);
  const encode = (candidate: Candidate, driver: ImageDriver): DrawCall => {
    const call = { n: share.n, warn: callWarnings.begin() };
    const own = drawing.encodeFor?.(candidate, call) ?? null;
    if (own !== null) return own;
    const { images } = candidate.address;
    return driver.encodeRequest(share.request, {
      ...call,
      model: candidate.model,
      saysResponseFormat: images?.saysResponseFormat ?? false,
      boundary: createBoundary(),
    });
  };
  return {
    speakTo(candidate) {
      const { images } = candidate.address;
      if (images === undefined) throw drawsNothing(facts.model);
      const driver = imageDriverOf(images.dialect);
      return {
        ...encode(candidate, driver),
        isSame: drawing.isSameAs(candidate),
        createStreamTap: neverAsked,
        convertWhole: neverAsked,
        pass: (passage) => passPictures(passage, createReaping(deps, asked, share, { driver, passage })),
      };
    },
    tellInputTokens: () => undefined,
    encodeFor: neverAsked,
  };
}

function neverAsked(): never {
  throw new Error('Pictures are not passed on as conversations are');
}

function createReaping(
  deps: DrawDeps,
  { exchange, drawing, plan }: DrawRequest,
  { harvest, n, firstIndex, request }: Share,
  { driver, passage }: { driver: ImageDriver; passage: Passage },
): Reaping {
  const owner = exchange.caller?.user.id ?? '';
  const write = createMediumWriter(deps.media, { owner, createdAt: exchange.startedAt });
  const isEvents = (passage.upstream.headers['content-type'] ?? '').startsWith('text/event-stream');
  const barn: Barn = {
    keeper: isEvents ? createHoldingKeeper() : createStoringKeeper(write),
    keep: write,
    fetch: (url) =>
      write(
        fetchPicture(deps, {
          url,
          allowedNetworks: plan.settings.allowedUpstreamNetworks,
          proxyUrl: passage.candidate.proxyUrl,
          mostBytes: MOST_FETCHED_BYTES,
        }),
      ),
    firstIndex,
    most: n,
  };
  const partials = Math.max(1, request.partialImages ?? 1);
  return {
    driver,
    harvest,
    barn,
    tellPartial(partial) {
      if (!drawing.stream) return null;
      const progress = Math.min(99, Math.round(((partial.partialIndex + 1) * 100) / (partials + 1)));
      return drawing.tellPartial?.({ ...partial, index: firstIndex + harvest.images.length, progress }) ?? null;
    },
    async tellImages(images) {
      const { tellImage } = drawing;
      if (!drawing.stream || tellImage === undefined) return [];
      const created = harvest.created ?? Math.floor(exchange.startedAt / 1000);
      const { usage, settings, text } = harvest;
      const told: Uint8Array[] = [];
      for (const image of images) {
        const pieces = await tellImage(image, { images, usage, settings, text, created });
        told.push(await collectPieces({ media: deps.media, owner }, pieces));
      }
      return told;
    },
  };
}

/** What no answer is longer than. */
const MOST_FETCHED_BYTES = 64 * 1024 * 1024;
