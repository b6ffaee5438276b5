import { encodeErrorEnvelope } from '@sluice/kit/errors/envelopes';
import type { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { ResponseFormat } from '../../images/image.ts';
import type { JsonObject } from '../../neutral/json.ts';
import type { UsageFigures } from '../usage-figures.ts';
import { encodeImageUsage } from './usage.ts';

/*
 * Answers of the images endpoints. A picture's base64 is not written here but between two texts, so that it need not be
 * in memory: `head + <base64> + tail`.
 */

/** A text, and where the picture's base64 stands in it; null where it is an address that is in the head already. */
export interface PictureText {
  head: string;
  /** Null: the head is all. */
  tail: string | null;
}

/** `url` is the picture's address. https://platform.openai.com/docs/api-reference/images/object */
export function encodePicture(
  format: ResponseFormat,
  facts: { url: string; revisedPrompt: string | null },
): PictureText {
  const revised = facts.revisedPrompt === null ? '' : `,"revised_prompt":${JSON.stringify(facts.revisedPrompt)}`;
  if (format === 'url') return { head: `{"url":${JSON.stringify(facts.url)}${revised}}`, tail: null };
  return { head: `{"${format}":"`, tail: `"${revised}}` };
}

export function encodeAnswerHead(created: number, settings: Readonly<Record<string, string>>): string {
  return `${JSON.stringify({ created, ...settings }).slice(0, -1)},"data":[`;
}

export function encodeAnswerTail(usage: UsageFigures | null): string {
  return `],"usage":${JSON.stringify(encodeImageUsage(usage))}}`;
}

/** `edit` streams have names of their own: https://platform.openai.com/docs/api-reference/images-edit-streaming */
export type EventFamily = 'image_generation' | 'image_edit';

/** One event. The picture's base64 stands under `field`; under `url` there is its address in place of it. */
export function encodePictureEvent(
  type: `${EventFamily}.${'partial_image' | 'completed'}`,
  field: ResponseFormat,
  { url, members }: { url: string; members: JsonObject },
): PictureText {
  const start = `event: ${type}\ndata: {"type":"${type}"`;
  const rest = `${JSON.stringify(members).replace(/^\{/, ',').replace(/^,\}$/, '}')}\n\n`;
  if (field === 'url') return { head: `${start},"url":${JSON.stringify(url)}${rest}`, tail: null };
  return { head: `${start},"${field}":"`, tail: `"${rest}` };
}

/** The SDKs raise what stands under `error`; other clients read `message`. Nothing follows. */
export function encodeImageError(error: GatewayError, family: EventFamily): Buffer {
  const { error: told } = JSON.parse(encodeErrorEnvelope('openai', error, null).body) as { error: JsonObject };
  const type = `${family}.error`;
  return Buffer.from(`event: ${type}\ndata: ${JSON.stringify({ type, message: error.message, error: told })}\n\n`);
}
