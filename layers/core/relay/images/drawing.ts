import { randomBytes } from 'node:crypto';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { ImageRequest } from '@sluice/llm/images/image';
import type { Warn } from '@sluice/llm/neutral/warning';
import type { UpstreamOperation } from '@sluice/llm/upstreams/vendor';
import type { Candidate } from '../candidates.ts';
import type { Plan } from '../route.ts';
import type { DrawnAnswer, DrawnImage, DrawnPartial } from './drawn.ts';

/** How one upstream is asked, before it is known how its answer is read. */
export interface DrawCall {
  operation: UpstreamOperation;
  body: Buffer;
  contentType: string;
}

/** A request for pictures: what is wanted, and how its client is told what came of it. */
export interface Drawing {
  /** Decoded once. @throws GatewayError naming the field at fault */
  read(): ImageRequest;
  /** What it takes of the quota of images. */
  readonly units: number;
  /** Units are what was held, however many pictures came. */
  readonly hasFixedUnits: boolean;
  /** The client wants to be told of each picture as it comes. */
  readonly stream: boolean;
  /** A candidate is asked in words of its own in place of `ImageDriver.encodeRequest`; null: it is asked as all are. */
  encodeFor?(candidate: Candidate, call: { n: number; warn: Warn }): DrawCall | null;
  /** The client and this candidate speak the same language, refusals included. */
  isSameAs(candidate: Candidate): boolean;
  /** Events of a stream; nothing where a client is told at the end. */
  tellPartial?(partial: DrawnPartial): Buffer | null;
  tellImage?(image: DrawnImage, answer: DrawnAnswer): Promise<readonly DrawnPiece[]>;
  /** The whole answer, or the end of a stream. */
  tellWhole(answer: DrawnAnswer): Promise<readonly DrawnPiece[]>;
}

/** A piece of an answer: text of ours, or the base64 of a picture, which is read when it is sent. */
export type DrawnPiece = string | { base64Of: DrawnImage };

/** Whether the model's row or its candidates say that it draws. @throws GatewayError `invalid_model` */
export function assertDraws({ model, candidates }: Plan): void {
  const draws =
    model.class === 'image' || (model.class !== 'video' && candidates.some(({ format }) => format === 'openai-images'));
  if (draws && candidates.some(({ address }) => address.images !== undefined)) return;
  throw drawsNothing(model.name);
}

export function drawsNothing(model: string): GatewayError {
  return new GatewayError('invalid_model', { message: `The model '${model}' draws no pictures.`, param: 'model' });
}

const BOUNDARY_BYTES = 18;

export function createBoundary(): string {
  return randomBytes(BOUNDARY_BYTES).toString('hex');
}
