import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { blobIndex, type ImageCall, type ImageCallBody, type ImageDriver } from '../../images/driver.ts';
import type { AnsweredImage, ImageAnswer, ImageInput, ImageRequest } from '../../images/image.ts';
import { nearestRatio } from '../../images/size.ts';
import type { JsonObject } from '../../neutral/json.ts';
import { leaveOutExtras } from '../policy.ts';
import { invalidField, looseArray, looseObject, looseString } from '../reading.ts';
import { decodeUsage } from './usage.ts';

/** Gemini's image models: a conversation of one turn, one picture a call. https://ai.google.dev/gemini-api/docs/image-generation */
export const GEMINI_IMAGE_DRIVER: ImageDriver = {
  dialect: 'gemini',
  mostPerCall: 1,
  blobKeys: ['data'],
  encodeRequest,
  decodeAnswer,
};

const RATIOS = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'];
const UNKNOWN = {
  quality: 'quality',
  background: 'background',
  style: 'style',
  moderation: 'moderation',
  inputFidelity: 'input_fidelity',
  outputFormat: 'output_format',
  outputCompression: 'output_compression',
} as const;

function encodeRequest(request: ImageRequest, call: ImageCall): ImageCallBody {
  const { extras, size, mask, prompt } = request;
  if (mask !== null)
    throw invalidField('mask', "This model's upstream takes no mask: say in the prompt what to change.");
  for (const [name, field] of Object.entries(UNKNOWN)) {
    if (request[name as keyof typeof UNKNOWN] !== null) call.warn('dropped', field);
  }
  leaveOutExtras(extras, call.warn);
  const body: JsonObject = {
    contents: [{ role: 'user', parts: [...request.images.map(partOf), { text: prompt }] }],
    generationConfig: {
      responseModalities: ['TEXT', 'IMAGE'],
      ...(size !== null && { imageConfig: { aspectRatio: nearestRatio(size.ratio, RATIOS) } }),
    },
  };
  return { operation: 'generate', contentType: 'application/json', body: Buffer.from(JSON.stringify(body)) };
}

function partOf({ source, path }: ImageInput): JsonObject {
  if (source.kind !== 'bytes') throw invalidField(path, `'${path}' names a file of another vendor.`);
  return { inlineData: { mimeType: source.mediaType, data: source.bytes.toString('base64') } };
}

/** https://ai.google.dev/api/generate-content#FinishReason */
const POLICY_REASONS: ReadonlySet<string> = new Set([
  'SAFETY',
  'RECITATION',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'IMAGE_SAFETY',
  'IMAGE_PROHIBITED_CONTENT',
  'IMAGE_RECITATION',
]);

function decodeAnswer(body: JsonObject): ImageAnswer {
  const candidates = looseArray(body['candidates']).map(looseObject);
  const { blockReason } = looseObject(body['promptFeedback']);
  if (candidates.length === 0 && blockReason == null) {
    throw new GatewayError('upstream_error', { message: 'The upstream answered with something that is no picture.' });
  }
  const parts = candidates.flatMap(({ content }) => looseArray(looseObject(content)['parts']).map(looseObject));
  return {
    images: parts.flatMap((part) => decodeImage(part) ?? []),
    text: textOf(parts),
    usage: decodeUsage(body['usageMetadata']),
    created: null,
    settings: {},
    refusal: refusalOf(parts, [looseString(blockReason), ...candidates.map((one) => looseString(one['finishReason']))]),
  };
}

/** What was drawn on the way is thought, and no result. */
function decodeImage(part: JsonObject): AnsweredImage | null {
  if (part['thought'] === true) return null;
  const inline = looseObject(part['inlineData'] ?? part['inline_data']);
  const index = blobIndex(inline['data']);
  return index === null ? null : { source: { kind: 'blob', index }, revisedPrompt: null };
}

function textOf(parts: readonly JsonObject[]): string {
  return parts
    .filter((part) => part['thought'] !== true)
    .map((part) => looseString(part['text']) ?? '')
    .join('');
}

function refusalOf(parts: readonly JsonObject[], reasons: readonly (string | null)[]): ImageAnswer['refusal'] {
  const policy = reasons.find((reason) => reason !== null && POLICY_REASONS.has(reason));
  if (policy != null) return { message: `The upstream refused to draw this (${policy}).`, isPolicy: true };
  const said = textOf(parts).trim();
  const message = said === '' ? 'The upstream drew no picture.' : `The upstream drew no picture: ${said.slice(0, 500)}`;
  return { message, isPolicy: false };
}
