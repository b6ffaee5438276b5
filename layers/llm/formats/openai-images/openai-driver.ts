import { writeMultipart, type FormField } from '@sluice/kit/http/multipart';
import type { ImageCall, ImageCallBody, ImageDriver } from '../../images/driver.ts';
import type { ImageInput, ImageRequest } from '../../images/image.ts';
import type { Json, JsonObject } from '../../neutral/json.ts';
import { writeDataUrl } from '../data-url.ts';
import { leaveOutExtras } from '../policy.ts';
import { decodeImageAnswer, decodeImageEvent } from './decode-answer.ts';

/** OpenAI and those who copied it: JSON to draw, a form to edit. https://platform.openai.com/docs/api-reference/images */
export const OPENAI_IMAGE_DRIVER: ImageDriver = {
  dialect: 'openai',
  mostPerCall: 10,
  blobKeys: ['b64_json'],
  encodeRequest,
  decodeAnswer: decodeImageAnswer,
  decodeEvent: decodeImageEvent,
};

function encodeRequest(request: ImageRequest, call: ImageCall): ImageCallBody {
  const members = membersOf(request, call);
  if (request.operation === 'generate') return asJson('images-generate', members);
  if (inputsOf(request).some(({ source }) => source.kind !== 'bytes')) {
    return asJson('images-edit', { ...members, ...referencesOf(request) });
  }
  const form = writeMultipart([...fieldsOf(members), ...filesOf(request)], boundaryFor(call));
  return { operation: 'images-edit', ...form };
}

function inputsOf({ images, mask }: ImageRequest): ImageInput[] {
  return mask === null ? [...images] : [...images, mask];
}

function asJson(operation: ImageCallBody['operation'], members: JsonObject): ImageCallBody {
  return { operation, contentType: 'application/json', body: Buffer.from(JSON.stringify(members)) };
}

/** They refuse to be told how to answer, behind whatever server: https://platform.openai.com/docs/guides/image-generation */
const ALWAYS_BYTES = /(?:^|\/)(?:chat)?gpt-image/;

function membersOf(request: ImageRequest, call: ImageCall): JsonObject {
  const { extras, operation } = request;
  const isOwn = extras.format === 'openai-images';
  if (!isOwn) leaveOutExtras(extras, call.warn);
  const said: Record<string, Json> = {
    model: call.model,
    prompt: request.prompt,
    n: call.n,
    size: request.size?.pixels ?? null,
    quality: request.quality,
    background: request.background,
    style: operation === 'generate' ? request.style : null,
    moderation: operation === 'generate' ? request.moderation : null,
    input_fidelity: operation === 'edit' ? request.inputFidelity : null,
    output_format: request.outputFormat,
    output_compression: request.outputCompression,
    user: request.endUser,
    response_format: call.saysResponseFormat && !ALWAYS_BYTES.test(call.model) ? 'b64_json' : null,
    stream: request.stream ? true : null,
    partial_images: request.stream ? request.partialImages : null,
    ...(isOwn ? extras.members : {}),
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null));
}

function fieldsOf(members: JsonObject): FormField[] {
  return Object.entries(members).map(([name, value]) => ({
    name,
    value: typeof value === 'string' ? value : JSON.stringify(value),
  }));
}

function filesOf(request: ImageRequest): FormField[] {
  const name = request.images.length === 1 ? 'image' : 'image[]';
  const files = request.images.map((input) => fileOf(input, name));
  return request.mask === null ? files : [...files, fileOf(request.mask, 'mask')];
}

function fileOf({ name: filename, source }: ImageInput, name: string): FormField {
  if (source.kind !== 'bytes') throw new Error('Only what was read can stand in a form');
  const { mediaType, bytes } = source;
  const ending = mediaType.slice('image/'.length);
  return {
    name,
    value: { filename: filename || `${name.replace('[]', '')}.${ending}`, contentType: mediaType, bytes },
  };
}

/** An id at the vendor can be said in JSON only; the others stand beside it as data URLs. */
function referencesOf({ images, mask }: ImageRequest): JsonObject {
  const referenceTo = ({ source }: ImageInput): JsonObject => {
    if (source.kind === 'file') return { file_id: source.fileId };
    if (source.kind === 'url') return { image_url: source.url };
    return { image_url: dataUrlOf(source) };
  };
  return { images: images.map(referenceTo), ...(mask && { mask: referenceTo(mask) }) };
}

export function dataUrlOf({ mediaType, bytes }: { mediaType: string; bytes: Buffer }): string {
  return writeDataUrl({ mediaType, data: bytes.toString('base64') });
}

/** Not to be met inside of a picture: long, and the caller's random part in it. */
function boundaryFor({ boundary }: ImageCall): string {
  return `----sluice-${boundary}`;
}
