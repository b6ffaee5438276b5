import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { misbehave, sendJson } from '../answer.ts';
import { readDirectives, type Directives } from '../directives.ts';
import { makeArtefact, MOST_TEXT, pathOf, type PictureOrder } from '../media/artefacts.ts';
import {
  fileAt,
  flag,
  oneOf,
  readFields,
  refuse,
  rejectUnknown,
  requiredText,
  requireImage,
  wholeNumber,
  type Fields,
  type GivenFile,
} from '../media/fields.ts';
import { workFor } from '../media/patience.ts';
import { readPngSize } from '../media/png.ts';
import { errorBody, faultOf, OpenAiError } from '../openai-error.ts';
import { isObject } from '../schema-value.ts';
import { hexOf } from '../text.ts';

/*
 * `POST /v1/images/generations` and `/v1/images/edits`: https://platform.openai.com/docs/api-reference/images
 *
 * Models whose name begins with `sandbox-dalle` behave as the older family, and as most compatible servers: they take
 * `response_format` and answer with an address where it is left out. All others behave as the GPT image models: always
 * base64, no `response_format`, partial images in a stream, usage in tokens.
 */

/** One call of a pictures' endpoint. */
export interface PicturesCall {
  body: Buffer;
  contentType: string;
  response: ServerResponse;
  /** Before the paths of artefacts. */
  origin: string;
}

interface Wish {
  model: string;
  prompt: string;
  n: number;
  width: number;
  height: number;
  quality: 'auto' | 'low' | 'medium' | 'high' | 'standard' | 'hd';
  responseFormat: 'url' | 'b64_json';
  isOlder: boolean;
  stream: boolean;
  partialImages: number;
  images: readonly GivenFile[];
  mask: GivenFile | null;
}

const COMMON = ['model', 'prompt', 'n', 'size', 'quality', 'user', 'stream', 'partial_images', 'background'];
const GENERATION_FIELDS = new Set([...COMMON, 'output_format', 'output_compression', 'moderation', 'style']);
const EDIT_FIELDS = new Set([...COMMON, 'output_format', 'output_compression', 'input_fidelity']);
const MOST_IMAGES = 16;
const TOKENS_PER_INPUT_IMAGE = 323;
/** Of a square picture: https://platform.openai.com/docs/guides/image-generation#cost-and-latency */
const OUTPUT_TOKENS = { low: 272, standard: 1056, medium: 1056, high: 4160, hd: 4160, auto: 1056 } as const;

export async function answerOpenAiPictures(call: PicturesCall, kind: 'generation' | 'edit'): Promise<void> {
  const fields = await readFields(call.body, call.contentType);
  const wish = kind === 'edit' ? readEdit(fields) : readGeneration(fields);
  const directives = readDirectives(wish.model);
  if (!directives) throw faultOf(404, wish.model);
  if (await misbehave(call.response, { errorBody }, directives, wish.model)) return;
  if (directives.moderated) throw moderated();
  const seed = hexOf(`${wish.model}/${wish.prompt}/${wish.width}x${wish.height}`, 32);
  await (wish.stream ? sendEvents(call, kind, wish, directives, seed) : sendWhole(call, wish, directives, seed));
}

function readGeneration(fields: Fields): Wish {
  const model = requiredText(fields, 'model');
  const isOlder = model.startsWith('sandbox-dalle');
  rejectUnknown(fields, isOlder ? new Set([...GENERATION_FIELDS, 'response_format']) : GENERATION_FIELDS);
  return { ...readCommon(fields, model, isOlder), images: [], mask: null };
}

function readEdit(fields: Fields): Wish {
  const model = requiredText(fields, 'model');
  const isOlder = model.startsWith('sandbox-dalle');
  const files = fields.isForm ? [] : ['images', 'mask'];
  rejectUnknown(fields, new Set([...EDIT_FIELDS, ...files, ...(isOlder ? ['response_format'] : [])]));
  const { images, mask } = fields.isForm ? filesOfForm(fields) : filesOfJson(fields);
  if (images.length === 0) refuse('image', "Missing required parameter: 'image'.", 'missing_required_parameter');
  if (images.length > MOST_IMAGES) refuse('image', `At most ${MOST_IMAGES} images can be edited at once.`);
  for (const image of images) requireImage(image, 'image');
  if (mask) checkMask(mask, images[0]);
  return { ...readCommon(fields, model, isOlder), images, mask };
}

function filesOfForm({ files }: Fields): Pick<Wish, 'images' | 'mask'> {
  return { images: files.get('image') ?? [], mask: files.get('mask')?.[0] ?? null };
}

/** `images: [{image_url}]`, `mask: {image_url}`. */
function filesOfJson({ values }: Fields): Pick<Wish, 'images' | 'mask'> {
  const { images, mask } = values;
  const list = Array.isArray(images) ? (images as unknown[]) : [];
  return {
    images: list.map((one, index) => fileAt(isObject(one) ? one['image_url'] : one, `images[${index}].image_url`)),
    mask: isObject(mask) ? fileAt(mask['image_url'], 'mask.image_url') : null,
  };
}

function checkMask(mask: GivenFile, image: GivenFile | undefined): void {
  requireImage(mask, 'mask');
  const [ofMask, ofImage] = [mask, image].map((file) => (file?.bytes ? readPngSize(file.bytes) : null));
  if (ofMask && ofImage && (ofMask.width !== ofImage.width || ofMask.height !== ofImage.height)) {
    refuse('mask', 'Invalid mask image format - mask size does not match image size', 'invalid_mask_image_format');
  }
}

function readCommon(fields: Fields, model: string, isOlder: boolean): Omit<Wish, 'images' | 'mask'> {
  const format = oneOf(fields, 'output_format', ['png', 'jpeg', 'webp']);
  if (format !== 'png') refuse('output_format', "The sandbox makes no pictures but of output_format 'png'.");
  const stream = flag(fields, 'stream');
  const partialImages = wholeNumber(fields, 'partial_images', { least: 0, most: 3, usual: 0 });
  if (partialImages > 0 && !stream) refuse('partial_images', "'partial_images' is only allowed when 'stream' is true.");
  return {
    model,
    prompt: requiredText(fields, 'prompt'),
    n: wholeNumber(fields, 'n', { least: 1, most: 10, usual: 1 }),
    ...readSize(fields),
    quality: oneOf(fields, 'quality', ['auto', 'low', 'medium', 'high', 'standard', 'hd']),
    responseFormat: isOlder ? oneOf(fields, 'response_format', ['url', 'b64_json']) : 'b64_json',
    isOlder,
    stream,
    partialImages,
  };
}

function readSize({ values }: Fields): { width: number; height: number } {
  const size = values['size'] ?? 'auto';
  if (size === 'auto') return { width: 1024, height: 1024 };
  const sides = typeof size === 'string' ? /^(\d{2,4})x(\d{2,4})$/.exec(size) : null;
  const [width, height] = [Number(sides?.[1]), Number(sides?.[2])];
  if (!sides || Math.min(width, height) < 16 || Math.max(width, height) > 4096) {
    const supported = "'1024x1024', '1024x1536', '1536x1024', and 'auto'";
    refuse('size', `Invalid value: '${String(size)}'. Supported values are: ${supported}.`, 'invalid_value');
  }
  return { width, height };
}

function moderated(): OpenAiError {
  const message =
    'Your request was rejected by the safety system. If you believe this is an error, contact us and include the ' +
    'request ID. safety_violations=[sandbox].';
  return new OpenAiError({ status: 400, message, type: 'image_generation_user_error', code: 'moderation_blocked' });
}

function orderAt(wish: Wish, directives: Directives, seed: string, index: number): PictureOrder {
  const { images, mask, width, height, n } = wish;
  const sizes = images.map(({ bytes, url }) => {
    const size = bytes && readPngSize(bytes);
    return size ? `${size.width}x${size.height}` : (url ?? `${bytes?.length} bytes`);
  });
  const about = sizes.length === 0 ? '' : `edit of ${sizes.join(' + ')}${mask ? ' under a mask' : ''}: `;
  const number = n > 1 ? ` (${index + 1}/${n})` : '';
  return {
    kind: 'picture',
    text: `${about}${wish.prompt}`.slice(0, MOST_TEXT) + number,
    width,
    height,
    seed: `${seed}/${index}`,
    atLeastBytes: directives.bytes,
  };
}

function usageOf(wish: Wish, count: number): object {
  const text = Math.ceil(Buffer.byteLength(wish.prompt) / 4);
  const image = (wish.images.length + (wish.mask ? 1 : 0)) * TOKENS_PER_INPUT_IMAGE;
  const output = OUTPUT_TOKENS[wish.quality] * count;
  return {
    total_tokens: text + image + output,
    input_tokens: text + image,
    output_tokens: output,
    input_tokens_details: { text_tokens: text, image_tokens: image },
  };
}

function described(wish: Wish): object {
  const quality = wish.quality === 'auto' ? 'medium' : wish.quality;
  return { size: `${wish.width}x${wish.height}`, quality, background: 'opaque', output_format: 'png' };
}

async function sendWhole(call: PicturesCall, wish: Wish, directives: Directives, seed: string): Promise<void> {
  if (!(await workFor(call.response, directives.workSeconds ?? 0))) return;
  const count = Math.max(0, wish.n - directives.fewer);
  const data = Array.from({ length: count }, (_, index) => {
    const order = orderAt(wish, directives, seed, index);
    return wish.responseFormat === 'url'
      ? { url: `${call.origin}${pathOf(order)}`, revised_prompt: wish.prompt }
      : { b64_json: makeArtefact(order).bytes.toString('base64') };
  });
  const told = wish.isOlder
    ? {}
    : { ...described(wish), ...(directives.withoutUsage ? {} : { usage: usageOf(wish, count) }) };
  const answer = { created: Math.floor(Date.now() / 1000), data, ...told };
  sendJson(call.response, 200, JSON.stringify(answer));
}

/** https://platform.openai.com/docs/api-reference/images-streaming */
async function sendEvents(
  { response }: PicturesCall,
  kind: 'generation' | 'edit',
  wish: Wish,
  directives: Directives,
  seed: string,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  response.flushHeaders();
  const prefix = kind === 'edit' ? 'image_edit' : 'image_generation';
  const steps = wish.partialImages + 1;
  const seconds = (directives.workSeconds ?? 0) / (steps * wish.n);
  let sent = 0;
  for (let image = 0; image < wish.n - directives.fewer; image += 1) {
    const order = orderAt(wish, directives, seed, image);
    for (let step = 1; step <= steps; step += 1) {
      if (!(await workFor(response, seconds))) return;
      if (sent === directives.cutAfterEvents) return void response.destroy(new Error('cut on request'));
      if (sent === directives.errorAfterEvents) {
        response.end(`event: error\ndata: ${JSON.stringify({ type: 'error', ...errorOf(wish.model) })}\n\n`);
        return;
      }
      const isLast = step === steps;
      const picture = makeArtefact(isLast ? order : { ...order, done: step / steps, atLeastBytes: 0 });
      const event = {
        type: `${prefix}.${isLast ? 'completed' : 'partial_image'}`,
        b64_json: picture.bytes.toString('base64'),
        created_at: Math.floor(Date.now() / 1000),
        ...described(wish),
        ...(isLast ? { usage: usageOf(wish, 1) } : { partial_image_index: step - 1 }),
      };
      const isFull = !response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
      if (isFull) await Promise.race([once(response, 'drain'), once(response, 'close')]);
      sent += 1;
    }
  }
  response.end();
}

function errorOf(model: string): object {
  return JSON.parse(errorBody(faultOf(500, model))) as object;
}
