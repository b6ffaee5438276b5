import { misbehave, sendJson } from '../answer.ts';
import { readDirectives } from '../directives.ts';
import { makeArtefact, MOST_TEXT, pathOf, type PictureOrder } from '../media/artefacts.ts';
import {
  fileAt,
  oneOf,
  readFields,
  refuse,
  requiredText,
  requireImage,
  wholeNumber,
  type Fields,
} from '../media/fields.ts';
import { workFor } from '../media/patience.ts';
import { faultOf, OpenAiError } from '../openai-error.ts';
import { isObject } from '../schema-value.ts';
import { hexOf } from '../text.ts';
import type { PicturesCall } from './openai-images.ts';
import { xaiErrorBody } from './xai-error.ts';

/** https://docs.x.ai/developers/model-capabilities/images/generation: shapes are ratios, sizes are one or two thousand pixels. */
const RATIOS = ['1:1', '16:9', '9:16', '4:3', '3:4', '3:2', '2:3', '2:1', '1:2', 'auto'] as const;
const NOT_TAKEN = ['size', 'quality', 'style', 'mask', 'background', 'output_format', 'stream', 'partial_images'];
const MOST_IMAGES = 3;
/** Ten thousand millionths of a dollar each: two cents a picture. */
const TICKS_PER_IMAGE = 200_000_000;

/** `POST /v1/images/generations` and, JSON only, `/v1/images/edits` as xAI has them. */
export async function answerXaiPictures(call: PicturesCall, kind: 'generation' | 'edit'): Promise<void> {
  const fields = await readJsonFields(call);
  const notTaken = NOT_TAKEN.find((name) => fields.values[name] !== undefined);
  if (notTaken !== undefined) refuse(notTaken, `Argument not supported: ${notTaken}`);
  const model = requiredText(fields, 'model');
  const prompt = requiredText(fields, 'prompt');
  const n = wholeNumber(fields, 'n', { least: 1, most: 10, usual: 1 });
  const given = kind === 'edit' ? readImages(fields) : 0;
  const shape = oneOf(fields, 'aspect_ratio', RATIOS);
  const side = oneOf(fields, 'resolution', ['1k', '2k']) === '2k' ? 2048 : 1024;
  const format = oneOf(fields, 'response_format', ['url', 'b64_json']);
  const directives = readDirectives(model);
  if (!directives) throw faultOf(404, model);
  if (await misbehave(call.response, { errorBody: xaiErrorBody }, directives, model)) return;
  if (directives.moderated)
    throw new OpenAiError({ status: 400, message: 'Generated image rejected by content moderation.' });
  if (!(await workFor(call.response, directives.workSeconds ?? 0))) return;
  const data = Array.from({ length: Math.max(0, n - directives.fewer) }, (_, index) => {
    const order: PictureOrder = {
      kind: 'picture',
      text:
        `${given > 0 ? `edit of ${given}: ` : ''}${prompt}`.slice(0, MOST_TEXT) + (n > 1 ? ` (${index + 1}/${n})` : ''),
      ...sidesOf(shape, side),
      seed: `${hexOf(`${model}/${prompt}/${shape}`, 32)}/${index}`,
      atLeastBytes: directives.bytes,
    };
    const more = { mime_type: 'image/png', revised_prompt: '' };
    if (format === 'url') return { url: `${call.origin}${pathOf(order)}`, ...more };
    return { b64_json: makeArtefact(order).bytes.toString('base64'), ...more };
  });
  const usage = directives.withoutUsage ? {} : { usage: { cost_in_usd_ticks: TICKS_PER_IMAGE * data.length } };
  sendJson(call.response, 200, JSON.stringify({ data, ...usage }));
}

/** xAI takes JSON and nothing else. */
export async function readJsonFields({ body, contentType }: { body: Buffer; contentType: string }): Promise<Fields> {
  if (!contentType.startsWith('application/json')) {
    throw new OpenAiError({ status: 415, message: 'Expected request with `Content-Type: application/json`' });
  }
  return readFields(body, contentType);
}

function readImages({ values }: Fields): number {
  const list = Array.isArray(values['images']) ? (values['images'] as unknown[]) : [values['image']];
  const named = list.filter((one) => one !== undefined);
  if (named.length === 0) refuse('image', 'At least one image is needed.');
  if (named.length > MOST_IMAGES) refuse('images', `At most ${MOST_IMAGES} images can be edited at once.`);
  for (const one of named) requireImage(fileAt(isObject(one) ? one['url'] : undefined, 'image.url'), 'image');
  return named.length;
}

/** Width and height of a ratio whose longer side is given. */
export function sidesOf(ratio: string, side: number): { width: number; height: number } {
  const [across = 1, down = 1] = ratio === 'auto' ? [] : ratio.split(':').map(Number);
  const scale = side / Math.max(across, down);
  return { width: Math.round(across * scale), height: Math.round(down * scale) };
}
