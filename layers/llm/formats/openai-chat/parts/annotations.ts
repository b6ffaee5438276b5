import { isJsonObject, type Json, type JsonObject } from '../../../neutral/json.ts';
import type { Citation } from '../../../neutral/parts.ts';
import { looseArray, looseNumber, looseObject, looseString } from '../../reading.ts';

/** https://platform.openai.com/docs/api-reference/chat/object#chat-object-choices-message-annotations */
export function decodeAnnotations(value: Json | undefined): Citation[] {
  return looseArray(value).filter(isJsonObject).flatMap(decodeAnnotation);
}

function decodeAnnotation(annotation: JsonObject): Citation[] {
  if (annotation['type'] !== 'url_citation') return [];
  const cited = looseObject(annotation['url_citation']);
  return [
    {
      start: looseNumber(cited['start_index']),
      end: looseNumber(cited['end_index']),
      title: looseString(cited['title']),
      url: looseString(cited['url']),
      citedText: looseString(cited['content']),
      native: { format: 'openai-chat', value: annotation },
    },
  ];
}

/**
 * Positions count from the beginning of the message, of which the cited text is only a part.
 * @returns null for a source that has no address
 */
export function encodeAnnotation(
  { url, title, start, end }: Citation,
  offset: number,
  length: number,
): JsonObject | null {
  if (url === null) return null;
  const cited = {
    start_index: offset + (start ?? 0),
    end_index: offset + (end ?? length),
    title: title ?? '',
    url,
  };
  return { type: 'url_citation', url_citation: cited };
}
