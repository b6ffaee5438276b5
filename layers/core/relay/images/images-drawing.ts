import { publicOriginOf } from '@sluice/kit/http/public-origin';
import { decodeImageRequest } from '@sluice/llm/formats/openai-images/decode-request';
import {
  encodeAnswerHead,
  encodeAnswerTail,
  encodePicture,
  encodePictureEvent,
  type EventFamily,
  type PictureText,
} from '@sluice/llm/formats/openai-images/encode-answer';
import { encodeImageUsage } from '@sluice/llm/formats/openai-images/usage';
import type { ImageRequest, ResponseFormat } from '@sluice/llm/images/image';
import type { Exchange } from '../exchange.ts';
import type { Drawing, DrawnPiece } from './drawing.ts';
import type { DrawnAnswer, DrawnImage, DrawnPartial } from './drawn.ts';

export interface ImagesDrawingFacts {
  operation: ImageRequest['operation'];
  /** Stands in for a model that is not named. */
  defaultModel: string | null;
  /** How pictures are given where neither the client nor the model's way says it. */
  imageFormat: ResponseFormat;
}

export function familyOf(operation: ImageRequest['operation']): EventFamily {
  return operation === 'edit' ? 'image_edit' : 'image_generation';
}

/** OpenAI's own models answer with the bytes and nothing else, and their clients know nothing else. */
const ALWAYS_BYTES = /^(?:gpt-image|chatgpt-image)/;

/** Of `/v1/images/generations` and `/v1/images/edits`. */
export function createImagesDrawing(exchange: Exchange, facts: ImagesDrawingFacts): Drawing {
  const { operation, defaultModel } = facts;
  let decoded: ImageRequest | null = null;
  const read = (): ImageRequest => {
    const { body, headers } = exchange.request;
    return (decoded ??= decodeImageRequest({ operation, body, contentType: headers['content-type'], defaultModel }));
  };
  const format = (): ResponseFormat => {
    const { responseFormat, model, stream } = read();
    if (responseFormat !== null) return responseFormat;
    // A stream's clients look for the bytes: those who knew addresses in streams say which way they want them.
    return stream || ALWAYS_BYTES.test(model) ? 'b64_json' : facts.imageFormat;
  };
  const origin = publicOriginOf(exchange.request.headers) ?? '';
  const piecesOf = ({ head, tail }: PictureText, image: DrawnImage): DrawnPiece[] =>
    tail === null ? [head] : [head, { base64Of: image }, tail];

  return {
    read,
    get units() {
      return read().n;
    },
    hasFixedUnits: false,
    get stream() {
      return read().stream;
    },
    isSameAs: ({ address }) => address.images?.dialect === 'openai',
    tellPartial(partial) {
      const { head, tail } = encodePictureEvent(`${familyOf(operation)}.partial_image`, format(), {
        url: '',
        members: partialMembers(partial, Math.floor(exchange.startedAt / 1000)),
      });
      if (tail === null) return Buffer.from(head);
      return Buffer.concat([Buffer.from(head), Buffer.from(partial.bytes.toString('base64')), Buffer.from(tail)]);
    },
    tellImage(image, answer) {
      const type = `${familyOf(operation)}.completed` as const;
      const members = { ...completedMembers(answer), index: image.index };
      return Promise.resolve(
        piecesOf(encodePictureEvent(type, format(), { url: image.medium.url(origin), members }), image),
      );
    },
    tellWhole: (answer) => Promise.resolve(read().stream ? [] : wholeOf(answer, format(), { origin, piecesOf })),
  };
}

function partialMembers({ index, partialIndex, progress, settings }: DrawnPartial, created: number) {
  return { created_at: created, ...settings, partial_image_index: partialIndex, index, progress };
}

function completedMembers({ created, settings, usage }: DrawnAnswer) {
  return { created_at: created, ...settings, usage: encodeImageUsage(usage) };
}

function wholeOf(
  { images, created, settings, usage }: DrawnAnswer,
  format: ResponseFormat,
  { origin, piecesOf }: { origin: string; piecesOf(text: PictureText, image: DrawnImage): DrawnPiece[] },
): DrawnPiece[] {
  const pieces: DrawnPiece[] = [encodeAnswerHead(created, settings)];
  for (const image of images) {
    if (pieces.length > 1) pieces.push(',');
    const { revisedPrompt, medium } = image;
    pieces.push(...piecesOf(encodePicture(format, { url: medium.url(origin), revisedPrompt }), image));
  }
  pieces.push(encodeAnswerTail(usage));
  return pieces;
}
