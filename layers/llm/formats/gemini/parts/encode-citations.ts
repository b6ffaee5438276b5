import { isJsonObject, type JsonObject } from '../../../neutral/json.ts';
import type { Citation } from '../../../neutral/parts.ts';

/** A text of the answer and its sources. `partIndex` is null where positions count from the beginning of all texts. */
export interface CitedText {
  text: string;
  citations: readonly Citation[];
  /** Bytes of the texts before it that positions count, too. */
  before: number;
  partIndex: number | null;
}

/** Members of a candidate that tell its sources; empty where it has none. */
export function encodeCitations(texts: readonly CitedText[]): JsonObject {
  const chunks: JsonObject[] = [];
  const places = new Map<string, number>();
  const supports: JsonObject[] = [];
  const quotations: JsonObject[] = [];
  let rest: JsonObject = {};
  for (const cited of texts) {
    for (const citation of cited.citations) {
      const native = citation.native?.format === 'gemini' ? citation.native.value : {};
      if (isJsonObject(native['citation'])) {
        quotations.push(native['citation']);
        continue;
      }
      if (isJsonObject(native['groundingMetadata'])) rest = { ...rest, ...native['groundingMetadata'] };
      const chunk = isJsonObject(native['groundingChunk']) ? native['groundingChunk'] : webChunk(citation);
      const key = JSON.stringify(chunk);
      const place = places.get(key) ?? chunks.push(chunk) - 1;
      places.set(key, place);
      addSupport(supports, segmentOf(citation, cited), place);
    }
  }
  const grounding: JsonObject = {
    ...rest,
    ...(chunks.length > 0 && { groundingChunks: chunks }),
    ...(supports.length > 0 && { groundingSupports: supports }),
  };
  return {
    ...(Object.keys(grounding).length > 0 && { groundingMetadata: grounding }),
    ...(quotations.length > 0 && { citationMetadata: { citations: quotations } }),
  };
}

function webChunk({ url, title }: Citation): JsonObject {
  return { web: { ...(url !== null && { uri: url }), ...(title !== null && { title }) } };
}

/** Null for a source of the whole answer. */
function segmentOf({ start, end, citedText }: Citation, { text, before, partIndex }: CitedText): JsonObject | null {
  if (start === null || end === null) return null;
  return {
    ...(partIndex !== null && partIndex > 0 && { partIndex }),
    startIndex: before + Buffer.byteLength(text.slice(0, start)),
    endIndex: before + Buffer.byteLength(text.slice(0, end)),
    text: citedText ?? text.slice(start, end),
  };
}

/** Sources of one stretch stand together. */
function addSupport(supports: JsonObject[], segment: JsonObject | null, chunk: number): void {
  if (segment === null) return;
  const key = JSON.stringify(segment);
  const last = supports.at(-1);
  if (last && JSON.stringify(last['segment']) === key) (last['groundingChunkIndices'] as number[]).push(chunk);
  else supports.push({ segment, groundingChunkIndices: [chunk] });
}
