import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { blobIndex } from '../../images/driver.ts';
import type { AnsweredImage, ImageAnswer, ImageEvent } from '../../images/image.ts';
import { isPolicyText } from '../../images/policy.ts';
import { isJsonObject, type Json, type JsonObject } from '../../neutral/json.ts';
import { looseCount, looseObject, looseString } from '../reading.ts';
import { decodeImageUsage } from './usage.ts';

/** https://platform.openai.com/docs/api-reference/images/object, https://docs.x.ai/docs/api-reference */
export function decodeImageAnswer(body: JsonObject): ImageAnswer {
  const { data } = body;
  if (!Array.isArray(data)) throw notPictures(body);
  return {
    images: data.flatMap((entry) => decodeImage(entry) ?? []),
    usage: decodeImageUsage(body['usage']),
    created: looseCount(body['created']) ?? looseCount(body['created_at']),
    settings: settingsOf(body),
    refusal: null,
  };
}

function notPictures({ error }: JsonObject): GatewayError {
  const said = looseString(looseObject(error)['message']) ?? looseString(error);
  if (said === null) {
    return new GatewayError('upstream_error', { message: 'The upstream answered with something that is no picture.' });
  }
  const code = isPolicyText(said) ? 'content_policy_violation' : 'upstream_error';
  return new GatewayError(code, { message: said.slice(0, 1_000) });
}

function decodeImage(entry: Json): AnsweredImage | null {
  if (!isJsonObject(entry)) return null;
  const revisedPrompt = looseString(entry['revised_prompt']) || null;
  const index = blobIndex(entry['b64_json']);
  if (index !== null) return { source: { kind: 'blob', index }, revisedPrompt };
  const url = looseString(entry['url']);
  return url === null || url === '' ? null : { source: { kind: 'url', url }, revisedPrompt };
}

const SETTINGS = ['size', 'quality', 'background', 'output_format'] as const;

function settingsOf(body: JsonObject): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const name of SETTINGS) {
    const value = looseString(body[name]);
    if (value !== null) settings[name] = value;
  }
  return settings;
}

/** https://platform.openai.com/docs/api-reference/images-streaming, edits among them */
export function decodeImageEvent(data: JsonObject): ImageEvent | null {
  const type = looseString(data['type']) ?? '';
  const { error } = data;
  if (isJsonObject(error) || typeof error === 'string' || type === 'error' || type.endsWith('.error')) {
    const message =
      looseString(looseObject(error)['message']) ?? looseString(error) ?? looseString(data['message']) ?? '';
    const code = looseString(looseObject(error)['code']) ?? looseString(data['code']) ?? '';
    return {
      type: 'failure',
      message: message.slice(0, 1_000) || 'The upstream reported an error.',
      isPolicy: isPolicyText(`${code} ${message}`),
    };
  }
  const blob = blobIndex(data['b64_json']);
  if (type.endsWith('.partial_image')) {
    if (blob === null) return null;
    const partialIndex = looseCount(data['partial_image_index']) ?? 0;
    return { type: 'partial', blob, partialIndex, settings: settingsOf(data) };
  }
  if (!type.endsWith('.completed')) return null;
  return { type: 'completed', answer: decodeImageAnswer({ ...data, data: [data] }) };
}
