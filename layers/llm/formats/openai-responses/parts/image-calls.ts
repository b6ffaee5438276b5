import type { JsonObject } from '../../../neutral/json.ts';
import type { ImagePart } from '../../../neutral/parts.ts';
import { looseString } from '../../reading.ts';

/** An image that the answer made stands in an item of its own; null while it has none. */
export function imageOfCall(item: JsonObject): ImagePart | null {
  const data = looseString(item['result']);
  if (data === null || data === '') return null;
  const format = looseString(item['output_format']) ?? 'png';
  const mediaType = format === 'svg' ? 'image/svg+xml' : `image/${format}`;
  return { type: 'image', source: { kind: 'base64', mediaType, data } };
}

/** Null for an image that is only a reference. */
export function callOfImage({ source }: ImagePart, id: string): JsonObject | null {
  if (source.kind !== 'base64') return null;
  const format = source.mediaType.replace(/^image\//, '').replace('svg+xml', 'svg');
  return { id, type: 'image_generation_call', status: 'completed', output_format: format, result: source.data };
}
