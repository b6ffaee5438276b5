import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { ImageInput } from '../../images/image.ts';
import { sniffMediaType } from '../media-types.ts';

/** Of each picture that is sent. */
export const MOST_IMAGE_BYTES = 50 * 1024 * 1024;
const TYPES: ReadonlyMap<string, string> = new Map([
  ['image/png', 'image/png'],
  ['image/jpeg', 'image/jpeg'],
  ['image/jpg', 'image/jpeg'],
  ['image/webp', 'image/webp'],
]);
const TYPES_BY_ENDING: ReadonlyMap<string, string> = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['webp', 'image/webp'],
]);

/**
 * A picture of the kinds that all upstreams take. What its bytes begin with wins over what it is called.
 * @throws GatewayError `empty_file`, `file_too_large`, `invalid_image_type`
 */
export function checkPicture(given: { bytes: Buffer; said: string | null; name: string; path: string }): ImageInput {
  const { bytes, said, name, path } = given;
  if (bytes.length === 0) throw new GatewayError('empty_file', { message: `'${path}' is empty.`, param: path });
  if (bytes.length > MOST_IMAGE_BYTES) {
    throw new GatewayError('file_too_large', {
      message: `'${path}' is larger than 50 MB.`,
      param: path,
    });
  }
  const seen = sniffMediaType(bytes.toString('base64', 0, 24)) ?? '';
  const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  const mediaType = TYPES.get(seen) ?? TYPES.get(said ?? '') ?? TYPES_BY_ENDING.get(ending);
  if (mediaType === undefined) {
    throw new GatewayError('invalid_image_type', {
      message: `'${path}' is no picture that can be edited: send PNG, JPEG or WebP.`,
      param: path,
    });
  }
  return { path, name, source: { kind: 'bytes', mediaType, bytes } };
}
