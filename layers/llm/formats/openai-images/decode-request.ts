import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { isMultipart } from '@sluice/kit/http/multipart';
import { parseBody } from '../../convert/request.ts';
import { RESPONSE_FORMATS, type ImageInput, type ImageRequest, type ResponseFormat } from '../../images/image.ts';
import { readSize } from '../../images/size.ts';
import type { Json, JsonObject } from '../../neutral/json.ts';
import { invalidField, looseNumber, looseString, missingField, wrongType } from '../reading.ts';
import { readForm } from './read-form.ts';
import { readInputs } from './read-inputs.ts';

/** A request as it came in. */
export interface ImageBody {
  operation: ImageRequest['operation'];
  body: Buffer;
  contentType: string | undefined;
  /** Stands in for a model that is not named; null: there is none. */
  defaultModel: string | null;
}

const MOST_IMAGES = 16;
const MOST_RESULTS = 10;
const OUTPUT_FORMATS = ['png', 'jpeg', 'webp'] as const;
const KNOWN: ReadonlySet<string> = new Set([
  'aspect_ratio',
  'background',
  'concurrency',
  'image',
  'images',
  'input_fidelity',
  'mask',
  'model',
  'moderation',
  'n',
  'output_compression',
  'output_format',
  'partial_images',
  'prompt',
  'quality',
  'response_format',
  'size',
  'stream',
  'style',
  'user',
]);

/**
 * https://platform.openai.com/docs/api-reference/images, with the freedoms of its copies: texts for numbers, as forms
 * have them, a ratio for a size, `base64`, several calls side by side.
 * @throws GatewayError with the code of what is wrong, naming the field
 */
export function decodeImageRequest({ operation, body, contentType, defaultModel }: ImageBody): ImageRequest {
  const isForm = isMultipart(contentType);
  const form = isForm ? readForm(body, contentType as string) : null;
  const fields = form?.fields ?? parseBody(body);
  const { images, mask } = operation === 'edit' ? (form ?? readInputs(fields)) : NOTHING_SENT;
  const stream = readFlag(fields['stream']);
  const n = readN(fields['n']);
  if (stream && n > 2) {
    throw refusal('invalid_stream_n', 'n', "A stream brings 1 or 2 pictures: 'n' must be 1 or 2 with 'stream'.");
  }
  const size = looseString(fields['aspect_ratio']) ?? looseString(fields['size']);
  const request: ImageRequest = {
    operation,
    prompt: readPrompt(fields['prompt']),
    model: readModelName(fields['model'], defaultModel),
    n,
    size: size === null ? null : readSize(size),
    images,
    mask,
    quality: readWord(fields, 'quality'),
    background: readWord(fields, 'background'),
    style: readWord(fields, 'style'),
    moderation: readWord(fields, 'moderation'),
    inputFidelity: operation === 'edit' ? readWord(fields, 'input_fidelity') : null,
    outputFormat: readOutputFormat(fields),
    outputCompression: readRange(fields, 'output_compression', 100),
    responseFormat: readResponseFormat(fields['response_format']),
    concurrency: readConcurrency(fields['concurrency']),
    stream,
    partialImages: readRange(fields, 'partial_images', 3),
    endUser: readWord(fields, 'user'),
    extras: { format: 'openai-images', members: extrasOf(fields, { isForm, operation }) },
  };
  if (operation === 'edit') checkCount(request.images);
  return request;
}

const NOTHING_SENT = { images: [], mask: null } as const;

function refusal(code: GatewayError['code'], param: string, message: string): GatewayError {
  return new GatewayError(code, { message, param });
}

function checkCount(images: readonly ImageInput[]): void {
  if (images.length === 0) throw refusal('missing_image', 'image', "Missing required parameter: 'image'.");
  if (images.length > MOST_IMAGES) {
    throw refusal('invalid_image_count', 'image', `At most ${MOST_IMAGES} pictures may be sent.`);
  }
}

function readPrompt(value: Json | undefined): string {
  if (value == null || (typeof value === 'string' && value.trim() === '')) {
    throw refusal('missing_prompt', 'prompt', "Missing required parameter: 'prompt'.");
  }
  if (typeof value !== 'string') throw wrongType('prompt', 'a string');
  return value;
}

function readModelName(value: Json | undefined, defaultModel: string | null): string {
  if (value == null || value === '') {
    if (defaultModel === null) throw missingField('model');
    return defaultModel;
  }
  if (typeof value !== 'string') throw wrongType('model', 'a string');
  return value;
}

/** Contracts clamp what others refuse, and take anything for one. */
function readN(value: Json | undefined): number {
  const number = Math.trunc(numberIn(value) ?? 1);
  return Number.isNaN(number) ? 1 : Math.min(MOST_RESULTS, Math.max(1, number));
}

function readFlag(value: Json | undefined): boolean {
  if (typeof value === 'string') return ['true', '1', 'yes'].includes(value.trim().toLowerCase());
  return value === true || looseNumber(value) === 1;
}

function readConcurrency(value: Json | undefined): number {
  if (value == null || value === '') return 1;
  const number = numberIn(value);
  if (number === null || !Number.isInteger(number) || number < 1 || number > 3) {
    throw refusal('invalid_concurrency', 'concurrency', "'concurrency' must be 1, 2 or 3.");
  }
  return number;
}

function readResponseFormat(value: Json | undefined): ResponseFormat | null {
  if (value == null || value === '') return null;
  const found = RESPONSE_FORMATS.find((format) => format === value);
  if (found === undefined) {
    const words = RESPONSE_FORMATS.map((format) => `'${format}'`).join(', ');
    throw refusal('invalid_response_format', 'response_format', `'response_format' must be one of ${words}.`);
  }
  return found;
}

function readOutputFormat(fields: JsonObject): ImageRequest['outputFormat'] {
  const said = readWord(fields, 'output_format');
  if (said === null) return null;
  const found = OUTPUT_FORMATS.find((format) => format === said.replace(/^jpg$/, 'jpeg'));
  if (found === undefined) throw wrongType('output_format', "one of 'png', 'jpeg', 'webp'");
  return found;
}

function readRange(fields: JsonObject, name: string, most: number): number | null {
  const value = fields[name];
  if (value == null || value === '') return null;
  const number = numberIn(value);
  if (number === null || !Number.isInteger(number) || number < 0 || number > most) {
    throw invalidField(name, `'${name}' must be a whole number from 0 to ${most}.`);
  }
  return number;
}

function readWord(fields: JsonObject, name: string): string | null {
  const value = fields[name];
  if (value == null || value === '') return null;
  if (typeof value !== 'string') throw wrongType(name, 'a string');
  return value;
}

/** Forms write numbers as texts. */
function numberIn(value: Json | undefined): number | null {
  if (typeof value === 'string') return value.trim() === '' ? null : finite(Number(value));
  return looseNumber(value);
}

function finite(number: number): number | null {
  return Number.isFinite(number) ? number : null;
}

/** Pictures beside a wish that edits nothing are some vendor's own way, whose business they are. */
const OF_EDITS: ReadonlySet<string> = new Set(['image', 'images', 'mask', 'input_fidelity']);

function extrasOf(
  fields: JsonObject,
  { isForm, operation }: { isForm: boolean; operation: ImageRequest['operation'] },
): JsonObject {
  const isExtra = (name: string): boolean => !KNOWN.has(name) || (operation === 'generate' && OF_EDITS.has(name));
  const members = Object.entries(fields).filter(([name, value]) => isExtra(name) && value !== null);
  return Object.fromEntries(isForm ? members.filter(([, value]) => value !== '') : members);
}
