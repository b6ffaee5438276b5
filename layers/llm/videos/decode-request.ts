import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { MultipartPart } from '@sluice/kit/http/multipart';
import type { ImageInput } from '../images/image.ts';
import { isJsonObject, type Json, type JsonObject } from '../neutral/json.ts';
import { asCount, asOneOf, asString, asText, invalidField, optional } from '../formats/reading.ts';
import { VIDEO_RATIOS, type VideoRatio, type VideoRequest, type VideoResolution } from './video.ts';

/*
 * What clients write when they want a film, in one reader: xAI's words (`duration`, `aspect_ratio`, `resolution`,
 * `image: {url}`, https://docs.x.ai/developers/model-capabilities/video/generation), OpenAI's (`seconds`, `size`,
 * `input_reference`, https://platform.openai.com/docs/api-reference/videos/create), and the `video_config` of chat
 * clients (`video_length`, `resolution: SD | HD`, `preset`).
 */

const MOST_SECONDS = 60;
const LONGEST_PROMPT = 32_000;

/** @throws GatewayError naming the field at fault */
export function decodeVideoRequest(body: JsonObject): VideoRequest {
  const config = optional(body, 'video_config', asConfig) ?? {};
  const pixels = optional(body, 'size', asPixels);
  const shape = pixels === null ? null : shapeOf(pixels);
  refuseEdits(body);
  return {
    model: asText(body['model'], 'model'),
    prompt: asPrompt(body['prompt']),
    seconds:
      optional(body, 'seconds', asSeconds) ??
      optional(body, 'duration', asSeconds) ??
      optional(config, 'video_length', asSeconds, 'video_config'),
    ratio:
      optional(body, 'aspect_ratio', asRatio) ??
      optional(config, 'aspect_ratio', asRatio, 'video_config') ??
      shape?.ratio ??
      null,
    resolution:
      optional(body, 'resolution', asResolution) ??
      optional(body, 'resolution_name', asResolution) ??
      optional(config, 'resolution', asResolution, 'video_config') ??
      shape?.resolution ??
      null,
    pixels,
    image: decodeImage(body),
    endUser: optional(body, 'user', asString),
  };
}

/** A form's fields are texts, and its picture is a file. @throws as `decodeVideoRequest` */
export function decodeVideoForm(parts: readonly MultipartPart[]): VideoRequest {
  const body: JsonObject = {};
  let image: ImageInput | null = null;
  for (const part of parts) {
    if (part.filename === null) {
      body[part.name] = part.bytes.toString();
    } else if (part.name === 'input_reference' || part.name === 'image') {
      const mediaType = part.contentType ?? 'application/octet-stream';
      image = { path: part.name, name: part.filename, source: { kind: 'bytes', mediaType, bytes: part.bytes } };
    }
  }
  const request = decodeVideoRequest(body);
  return image === null ? request : { ...request, image };
}

function asConfig(value: unknown, path: string): JsonObject {
  if (!isJsonObject(value)) throw invalidField(path, `'${path}' must be an object.`);
  return value;
}

function asPrompt(value: unknown): string {
  if (value === undefined || value === null || value === '') {
    throw new GatewayError('missing_prompt', { message: "Missing required parameter: 'prompt'.", param: 'prompt' });
  }
  const prompt = asText(value, 'prompt');
  if (prompt.length > LONGEST_PROMPT)
    throw invalidField('prompt', `'prompt' has more than ${LONGEST_PROMPT} characters.`);
  return prompt;
}

/** A number, or the text of one: OpenAI's SDKs write it so. */
function asSeconds(value: unknown, path: string): number {
  const seconds = asCount(typeof value === 'string' && /^\d{1,4}$/.test(value) ? Number(value) : value, path);
  if (seconds > MOST_SECONDS) throw invalidField(path, `'${path}' must be at most ${MOST_SECONDS}.`);
  return seconds;
}

function asPixels(value: unknown, path: string): string {
  if (typeof value === 'string' && /^\d{2,4}x\d{2,4}$/.test(value)) return value;
  throw invalidField(path, `'${path}' must be a size such as '1280x720'.`);
}

function asRatio(value: unknown, path: string): VideoRatio {
  const sides = typeof value === 'string' ? /^(\d{1,4}):(\d{1,4})$/.exec(value) : null;
  const [across, down] = [Number(sides?.[1]), Number(sides?.[2])];
  if (!sides || across === 0 || down === 0) throw invalidField(path, `'${path}' must be a ratio such as '16:9'.`);
  return nearestRatio(across / down);
}

const RESOLUTIONS: Readonly<Record<string, VideoResolution>> = {
  sd: '480p',
  hd: '720p',
  '480p': '480p',
  '720p': '720p',
  '1080p': '1080p',
};

function asResolution(value: unknown, path: string): VideoResolution {
  const found = typeof value === 'string' ? RESOLUTIONS[value.toLowerCase()] : undefined;
  return found ?? (asOneOf(value, ['480p', '720p', '1080p', 'SD', 'HD'], path) as VideoResolution);
}

function shapeOf(pixels: string): { ratio: VideoRatio; resolution: VideoResolution } {
  const [width = 1, height = 1] = pixels.split('x').map(Number);
  const short = Math.min(width, height);
  return {
    ratio: nearestRatio(width / height),
    resolution: short >= 1_000 ? '1080p' : short >= 600 ? '720p' : '480p',
  };
}

export function nearestRatio(wanted: number): VideoRatio {
  const distance = (ratio: VideoRatio): number => Math.abs(Math.log(wanted / valueOf(ratio)));
  return VIDEO_RATIOS.reduce((best, ratio) => (distance(ratio) < distance(best) ? ratio : best));
}

export function valueOf(ratio: VideoRatio): number {
  const [across = 1, down = 1] = ratio.split(':').map(Number);
  return across / down;
}

/** Films that change other films are another endpoint of the vendors', which is not offered. */
function refuseEdits(body: JsonObject): void {
  const asked = ['video', 'video_url', 'remix_video_id'].find((name) => body[name] != null);
  if (asked === undefined) return;
  throw invalidField(asked, `'${asked}' is not offered: films are made of a prompt, and of a picture if there is one.`);
}

/** `image: {url}` or a text, `image_url`, `input_reference: {image_url}`. */
function decodeImage(body: JsonObject): ImageInput | null {
  for (const name of ['image', 'image_url', 'input_reference', 'input_image']) {
    const given = body[name];
    if (given == null) continue;
    const [url, path] = urlIn(given, name);
    return { path, name: '', source: sourceOf(asText(url, path), path) };
  }
  return null;
}

function urlIn(given: Json, name: string): [unknown, string] {
  if (!isJsonObject(given)) return [given, name];
  if (given['file_id'] != null) {
    throw invalidField(`${name}.file_id`, 'Files of a vendor are not known here: send an image, a URL or an upload.');
  }
  const field = given['url'] === undefined ? 'image_url' : 'url';
  return [given[field], `${name}.${field}`];
}

const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+)(?:;[\w.+=-]+)*?;base64,/i;

function sourceOf(url: string, path: string): ImageInput['source'] {
  if (!/^data:/i.test(url)) return { kind: 'url', url };
  const head = DATA_URL.exec(url.slice(0, 200));
  if (head?.[1] === undefined) throw invalidField(path, `'${path}' is no data URL in base64.`);
  const bytes = Buffer.from(url.slice(head[0].length), 'base64');
  if (bytes.length === 0) throw invalidField(path, `'${path}' is no data URL in base64.`);
  return { kind: 'bytes', mediaType: head[1].toLowerCase(), bytes };
}
