import { isJsonObject, type JsonObject } from '../../../neutral/json.ts';
import type { Citation } from '../../../neutral/parts.ts';
import { looseArray, looseString } from '../../reading.ts';

/**
 * A citation covers the text block that carries it (https://docs.claude.com/en/docs/build-with-claude/citations), so it
 * has no positions of its own in the text.
 */
export function decodeCitation(value: JsonObject): Citation {
  return {
    start: null,
    end: null,
    title: looseString(value['title']) ?? looseString(value['document_title']),
    url: looseString(value['url']),
    citedText: looseString(value['cited_text']),
    native: { format: 'anthropic-messages', value },
  };
}

export function decodeCitations(value: unknown): Citation[] | undefined {
  const citations = looseArray(value).filter(isJsonObject).map(decodeCitation);
  return citations.length === 0 ? undefined : citations;
}

/** Null for a source that has no address: the format knows only its own documents and the web. */
export function encodeCitation(citation: Citation): JsonObject | null {
  if (citation.native?.format === 'anthropic-messages') return citation.native.value;
  if (citation.url === null) return null;
  return {
    type: 'web_search_result_location',
    cited_text: citation.citedText ?? '',
    encrypted_index: '',
    title: citation.title,
    url: citation.url,
  };
}
