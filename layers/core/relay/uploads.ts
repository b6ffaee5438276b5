import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { decodeRequestBody } from '@sluice/kit/http/content-encoding';
import { isMultipart, parseMultipart, type MultipartPart } from '@sluice/kit/http/multipart';
import { parseBody } from '@sluice/llm/convert/request';
import type { JsonObject } from '@sluice/llm/neutral/json';
import { MOST_INPUT_BYTES } from '../media/keep-media.ts';
import type { AnnouncedUpload, Uploads } from '../media/uploads.ts';
import { createAnswer, type AnswerDeps } from './answer.ts';
import { asStore, type Authenticate, type Caller } from './authenticate.ts';
import { MOST_DECODED_BYTES, type Exchange } from './exchange.ts';

export interface UploadsDeps extends AnswerDeps {
  authenticate: Authenticate;
  uploads: Uploads;
}

/**
 * `POST /v1/uploads/image`: a form with one image, which is kept like a generated one.
 * @throws GatewayError `missing_file`, `empty_file`, `unsupported_file`, `file_too_large`
 */
export async function uploadImage(deps: UploadsDeps, exchange: Exchange): Promise<void> {
  const { user } = await readCaller(deps, exchange);
  const file = fileOf(await decodeRequestBody(exchange.request, MOST_DECODED_BYTES));
  if (file.contentType !== null && !file.contentType.startsWith('image/')) {
    throw new GatewayError('unsupported_file', {
      message: `The file is said to be ${file.contentType.slice(0, 100)}, not an image.`,
      param: 'file',
    });
  }
  const { path, bytes, contentType, expiresAt } = await asStore(
    deps.uploads.keepImage({ owner: user.id, bytes: file.bytes, createdAt: exchange.startedAt }),
  );
  return answerJson(deps, exchange, {
    url: path,
    name: path.slice(path.lastIndexOf('/') + 1),
    size_bytes: bytes,
    content_type: contentType,
    filename: file.filename,
    expires_at: Math.floor(expiresAt / 1_000),
  });
}

function fileOf({ headers, body }: Exchange['request']): MultipartPart {
  const type = headers['content-type'];
  const parts = type !== undefined && isMultipart(type) ? parseMultipart(body, type) : [];
  const file = parts.find(({ name }) => name === 'file') ?? parts.find(({ name }) => name === 'image');
  if (file) return file;
  throw new GatewayError('missing_file', {
    message: "Send the image as the field 'file' of a multipart/form-data body.",
    param: 'file',
  });
}

/** `POST /v1/uploads`: where a file that is too large for a request is to be sent. @throws GatewayError `invalid_field` */
export async function createUpload(deps: UploadsDeps, exchange: Exchange): Promise<void> {
  const { user } = await readCaller(deps, exchange);
  const request = await decodeRequestBody(exchange.request, MOST_DECODED_BYTES);
  const asked = readAsked(request.body.length === 0 ? {} : parseBody(request.body));
  const upload = await asStore(deps.uploads.announce({ ...asked, owner: user.id, createdAt: exchange.startedAt }));
  return answerJson(deps, exchange, viewUpload(asked, upload, exchange.startedAt));
}

interface Asked {
  bytes: number | null;
  contentType: string;
  filename: string | null;
  purpose: string | null;
}

const IMAGE_TYPE = /^image\/(?:png|jpe?g|webp|gif|avif)$/;
const LONGEST_TEXT = 255;

function readAsked(body: JsonObject): Asked {
  const { bytes = null } = body;
  if (bytes !== null && !(typeof bytes === 'number' && Number.isInteger(bytes) && bytes > 0)) {
    throw invalid('bytes', 'bytes must be the size of the file, a whole number above 0.');
  }
  const contentType = textAt(body, 'mime_type') ?? textAt(body, 'content_type') ?? 'application/octet-stream';
  if (contentType !== 'application/octet-stream' && !IMAGE_TYPE.test(contentType)) {
    throw new GatewayError('unsupported_file', {
      message: 'mime_type must be image/png, image/jpeg, image/webp, image/gif or image/avif.',
      param: 'mime_type',
    });
  }
  return { bytes, contentType, filename: textAt(body, 'filename'), purpose: textAt(body, 'purpose') };
}

function textAt(body: JsonObject, name: string): string | null {
  const value = body[name] ?? null;
  if (value === null || (typeof value === 'string' && value.length <= LONGEST_TEXT)) return value;
  throw invalid(name, `${name} must be a text of at most ${LONGEST_TEXT} characters.`);
}

function invalid(param: string, message: string): GatewayError {
  return new GatewayError('invalid_field', { message, param });
}

/** OpenAI's upload object, and how to send the file: one PUT where its size was told, a form in any case. */
function viewUpload(asked: Asked, upload: AnnouncedUpload, nowMs: number): object {
  const { put, form } = upload.ticket;
  const way = put
    ? { method: 'PUT', url: put.url, headers: put.headers, fields: null }
    : { method: 'POST', url: form.url, headers: {}, fields: form.fields };
  return {
    id: upload.uuid,
    object: 'upload',
    bytes: asked.bytes,
    created_at: Math.floor(nowMs / 1_000),
    filename: asked.filename,
    purpose: asked.purpose,
    status: 'pending',
    expires_at: Math.floor(upload.ticketExpiresAt / 1_000),
    reference: upload.reference,
    kept_until: Math.floor(upload.expiresAt / 1_000),
    max_bytes: asked.bytes ?? MOST_INPUT_BYTES,
    ...way,
    form: { method: 'POST', url: form.url, fields: form.fields },
  };
}

async function readCaller(deps: UploadsDeps, exchange: Exchange): Promise<Caller> {
  const caller = await deps.authenticate(exchange.request, exchange.startedAt);
  exchange.caller = caller;
  return caller;
}

async function answerJson(deps: UploadsDeps, exchange: Exchange, value: object): Promise<void> {
  const body = Buffer.from(JSON.stringify(value));
  const answer = createAnswer(deps, exchange);
  answer.head(200, { 'content-type': 'application/json', 'content-length': String(body.length) });
  await answer.aside(body);
  await answer.end();
}
