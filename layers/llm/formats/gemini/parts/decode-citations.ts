import { isJsonObject, type JsonObject } from '../../../neutral/json.ts';
import type { Citation } from '../../../neutral/parts.ts';
import { looseArray, looseCount, looseObject, looseString } from '../../reading.ts';
import type { ChoiceState } from './answer-state.ts';

/** Members of `groundingMetadata` that citations are made of; the others stay with the first citation. */
const TOLD = new Set(['groundingChunks', 'groundingSupports']);

/**
 * Sources of the open text block. Google counts the bytes of the whole visible text in UTF-8; ranges may overlap.
 * https://ai.google.dev/api/generate-content#GroundingMetadata
 */
export function decodeCitations(choice: ChoiceState): Citation[] {
  const place = placeOf(choice);
  return [...groundingCitations(looseObject(choice.grounding), place), ...quotations(choice, place)];
}

interface Place {
  /** The open block's text. */
  text: string;
  /** UTF-16 units from bytes of the whole text, or of one part of it. */
  toUnits(bytes: number, part: number): number | null;
}

function placeOf({ texts, textsBefore, textsBeforePart }: ChoiceState): Place {
  const bytesBefore = (count: number): number => Buffer.byteLength(texts.slice(0, count).join(''));
  const before = bytesBefore(textsBefore);
  const text = texts.slice(textsBefore).join('');
  const bytes = Buffer.from(text);
  const isAscii = bytes.length === text.length;
  return {
    text,
    toUnits(offset, part) {
      const at = offset + (part > 0 ? bytesBefore(textsBeforePart[part] ?? 0) : 0) - before;
      if (at < 0) return null;
      if (at >= bytes.length) return text.length;
      return isAscii ? at : bytes.toString('utf8', 0, at).length;
    },
  };
}

function groundingCitations(grounding: JsonObject, place: Place): Citation[] {
  const chunks = looseArray(grounding['groundingChunks']).map(looseObject);
  const cited = new Set<number>();
  const citations: Citation[] = [];
  for (const support of looseArray(grounding['groundingSupports']).map(looseObject)) {
    const segment = looseObject(support['segment']);
    const [start, end] = [looseCount(segment['startIndex']) ?? 0, looseCount(segment['endIndex'])];
    const part = looseCount(segment['partIndex']) ?? 0;
    for (const index of looseArray(support['groundingChunkIndices'])) {
      const chunk = chunks[Number(index)];
      if (!chunk) continue;
      cited.add(Number(index));
      const range = { start: place.toUnits(start, part), end: end === null ? null : place.toUnits(end, part) };
      citations.push(citationOf(chunk, range, looseString(segment['text'])));
    }
  }
  for (const [index, chunk] of chunks.entries()) {
    if (!cited.has(index)) citations.push(citationOf(chunk, { start: null, end: null }, null));
  }
  return withRest(citations, grounding);
}

function citationOf(
  chunk: JsonObject,
  range: { start: number | null; end: number | null },
  text: string | null,
): Citation {
  const source = ['web', 'retrievedContext', 'maps', 'image'].map((kind) => chunk[kind]).find(isJsonObject) ?? {};
  const isWhole = range.start !== null && range.end !== null;
  return {
    start: isWhole ? range.start : null,
    end: isWhole ? range.end : null,
    title: looseString(source['title']),
    url: looseString(source['uri']) ?? looseString(source['sourceUri']),
    citedText: text,
    native: { format: 'gemini', value: { groundingChunk: chunk } },
  };
}

/** Searches that were made and what Google wants to be shown of them. */
function withRest(citations: Citation[], grounding: JsonObject): Citation[] {
  const rest = Object.entries(grounding).filter(([name]) => !TOLD.has(name));
  const [first] = citations;
  if (first?.native && rest.length > 0) first.native.value['groundingMetadata'] = Object.fromEntries(rest);
  return citations;
}

/** What the model quotes at length: https://ai.google.dev/api/generate-content#CitationMetadata */
function quotations(choice: ChoiceState, place: Place): Citation[] {
  const metadata = looseObject(choice.quotations);
  const sources = [...looseArray(metadata['citationSources']), ...looseArray(metadata['citations'])];
  return sources.map(looseObject).map((source) => {
    const start = place.toUnits(looseCount(source['startIndex']) ?? 0, 0);
    const endIndex = looseCount(source['endIndex']);
    const end = endIndex === null ? null : place.toUnits(endIndex, 0);
    const isWhole = start !== null && end !== null;
    return {
      start: isWhole ? start : null,
      end: isWhole ? end : null,
      title: looseString(source['title']),
      url: looseString(source['uri']),
      citedText: isWhole ? place.text.slice(start, end) : null,
      native: { format: 'gemini', value: { citation: source } },
    };
  });
}
