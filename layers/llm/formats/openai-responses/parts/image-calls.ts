import type { JsonObject } from '../../../neutral/json.ts';
import type { ImagePart, MediaSource } from '../../../neutral/parts.ts';
import { looseString } from '../../reading.ts';

/** An image that the answer made stands in an item of its own; null while it has none. */
export function imageOfCall(item: JsonObject): ImagePart | null {
  const data = looseString(item['result']);
  if (data === null || data === '') return null;
  const format = looseString(item['output_format']) ?? 'png';
  const mediaType = format === 'svg' ? 'image/svg+xml' : `image/${format}`;
  return { type: 'image', source: { kind: 'base64', mediaType, data } };
}

export function callOfImage({ mediaType, data }: Extract<MediaSource, { kind: 'base64' }>, id: string): JsonObject {
  const format = mediaType.replace(/^image\//, '').replace('svg+xml', 'svg');
  return { id, type: 'image_generation_call', status: 'completed', output_format: format, result: data };
}
