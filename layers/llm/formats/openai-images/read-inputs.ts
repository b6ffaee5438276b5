import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { ImageInput } from '../../images/image.ts';
import { isJsonObject, type Json, type JsonObject } from '../../neutral/json.ts';
import { readDataUrl } from '../data-url.ts';
import { invalidField, looseString, wrongType } from '../reading.ts';
import { sniffMediaType } from '../media-types.ts';
import { checkPicture } from './check-picture.ts';

/**
 * The pictures of a JSON body: OpenAI's `images: [{image_url | file_id}]`, xAI's `image: {url}`, and bare texts, one or
 * a list, under either name.
 */
export function readInputs(body: JsonObject): { images: ImageInput[]; mask: ImageInput | null } {
  const name = body['images'] == null ? 'image' : 'images';
  const given = body[name] ?? null;
  const images = given === null ? [] : Array.isArray(given) ? given : [given];
  const mask = body['mask'] ?? null;
  return {
    images: images.map((image, index) => readInput(image, Array.isArray(given) ? `${name}[${index}]` : name)),
    mask: mask === null ? null : readInput(mask, 'mask'),
  };
}

function readInput(value: Json, path: string): ImageInput {
  if (typeof value === 'string') return readReference(value, path);
  if (!isJsonObject(value)) throw wrongType(path, 'a data URL, an address or an object with one');
  const fileId = looseString(value['file_id']);
  if (fileId !== null && fileId !== '') {
    return { path, name: '', source: { kind: 'file', fileId, format: 'openai-images' } };
  }
  const nested = value['image_url'];
  const url = isJsonObject(nested) ? nested['url'] : (nested ?? value['url'] ?? value['b64_json']);
  if (typeof url !== 'string') throw invalidField(path, `'${path}' names no picture: give 'image_url' or 'file_id'.`);
  return readReference(url, path);
}

/** A data URL, the address of a picture, a reference to an upload, or nothing but base64. */
export function readReference(given: string, path: string): ImageInput {
  const text = given.trim();
  if (text === '') throw new GatewayError('empty_file', { message: `'${path}' is empty.`, param: path });
  const data = readDataUrl(text, path);
  if (data !== null) {
    return checkPicture({ bytes: Buffer.from(data.data, 'base64'), said: data.mediaType, name: '', path });
  }
  if (/^(?:https?:\/\/|upload:\/\/|\/)/i.test(text) && !text.startsWith('/9j/')) {
    return { path, name: '', source: { kind: 'url', url: text } };
  }
  if (sniffMediaType(text) === null) throw invalidField(path, `'${path}' is neither a data URL nor an address.`);
  return checkPicture({ bytes: Buffer.from(text, 'base64'), said: null, name: '', path });
}
