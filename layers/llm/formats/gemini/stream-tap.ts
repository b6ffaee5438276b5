import { readSseEvent } from '@sluice/kit/stream/sse-event';
import { isJsonObject } from '../../neutral/json.ts';
import { looseArray, looseObject, looseString } from '../reading.ts';
import type { UsageFigures } from '../usage-figures.ts';
import type { DeliveredText, RequestFacts, StreamTap } from '../wire-format.ts';
import { decodeUsage } from './usage.ts';

/** What chunks have shown, of a stream or of a whole body, which is one chunk. */
export interface ChunkFacts {
  usage: UsageFigures | null;
  finished: Set<number>;
  /** The prompt was refused: there will be no candidate. */
  isBlocked: boolean;
  failed: boolean;
  output: string[];
  reasoning: string[];
  /** Pictures that are no thoughts. */
  images: number;
}

export function createChunkFacts(): ChunkFacts {
  return { usage: null, finished: new Set(), isBlocked: false, failed: false, output: [], reasoning: [], images: 0 };
}

/** Each chunk reports usage, so each is decoded: it costs less than finding out what may be passed over. */
export function noteChunk(facts: ChunkFacts, chunk: unknown): void {
  if (!isJsonObject(chunk)) return;
  if (chunk['error'] != null) facts.failed = true;
  if (chunk['usageMetadata'] != null) facts.usage = decodeUsage(chunk['usageMetadata']) ?? facts.usage;
  if (looseObject(chunk['promptFeedback'])['blockReason'] != null) facts.isBlocked = true;
  for (const item of looseArray(chunk['candidates'])) {
    const candidate = looseObject(item);
    if (candidate['finishReason'] != null) facts.finished.add(Number(candidate['index'] ?? 0));
    for (const part of looseArray(looseObject(candidate['content'])['parts'])) notePart(facts, looseObject(part));
  }
}

function notePart(facts: ChunkFacts, part: Record<string, unknown>): void {
  const text = looseString(part['text']);
  if (text !== null && text !== '') (part['thought'] === true ? facts.reasoning : facts.output).push(text);
  else if (isPicture(part)) facts.images += 1;
  else if (part['functionCall'] != null) facts.output.push(JSON.stringify(part['functionCall']));
}

function isPicture(part: Record<string, unknown>): boolean {
  const type = looseString(looseObject(part['inlineData'])['mimeType']) ?? '';
  return type.startsWith('image/') && part['thought'] !== true;
}

/** Tokens as reported, pictures as counted. */
export function usageOf({ usage, images }: ChunkFacts): UsageFigures | null {
  return usage === null || images === 0 ? usage : { ...usage, images };
}

export function deliveredOf({ output, reasoning }: ChunkFacts): DeliveredText {
  return { output: output.join(''), reasoning: reasoning.join('') };
}

/** Passes chunks on as they are. The stream has no end marker: it is whole when all candidates have finished. */
export function createStreamTap({ choices }: Pick<RequestFacts, 'choices'>): StreamTap {
  const facts = createChunkFacts();
  return {
    get usage() {
      return usageOf(facts);
    },
    get finished() {
      return facts.isBlocked || facts.finished.size >= Math.max(1, choices);
    },
    ended: false,
    get failed() {
      return facts.failed;
    },
    see({ bytes, ends }) {
      let start = 0;
      for (const end of ends) {
        noteEvent(facts, bytes, start, end);
        start = end;
      }
      return bytes;
    },
    delivered: () => deliveredOf(facts),
  };
}

function noteEvent(facts: ChunkFacts, bytes: Buffer, start: number, end: number): void {
  const event = readSseEvent(bytes, start, end);
  if (event === null) return;
  try {
    noteChunk(facts, JSON.parse(event.data));
  } catch {
    // Not JSON: it passes, and says nothing.
  }
}
