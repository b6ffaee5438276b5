import { parseSseEvent } from '@sluice/kit/stream/sse-event';
import type { UsageFigures } from '../usage-figures.ts';
import type { RequestFacts, StreamTap } from '../wire-format.ts';
import { createKeptText } from './kept-text.ts';
import { createSameShape, type LearnedEvent } from './same-shape.ts';
import { createSkim, skim, type TextKeeper } from './skim.ts';
import { decodeUsage } from './usage.ts';

/** The end marker with its field name, without blanks, is this long; longer events are not it. */
const LONGEST_END_MARKER = 32;

/**
 * Passes chat completion chunks on as they are. An event is decoded only when it carries usage, a finish reason or an
 * error: a handful per stream.
 */
export function createStreamTap(facts: Pick<RequestFacts, 'wantsStreamUsage' | 'choices'>): StreamTap {
  const found = createSkim();
  const text = createKeptText();
  const shape = createSameShape();
  const { last, keeper } = watchKeeper(text);
  const finishedChoices = new Set<number>();
  let usage: UsageFigures | null = null;
  let ended = false;
  let failed = false;

  /** Looks at one event; false when it is not for the client. */
  const look = (bytes: Buffer, start: number, end: number): boolean => {
    const textEnd = shape.match(bytes, start, end);
    if (textEnd >= 0) {
      if (textEnd > start + shape.textAt) text.keep(shape.kind, bytes, start + shape.textAt, textEnd);
      return true;
    }
    last.count = 0;
    skim(bytes, start, end, found, keeper);
    if (!found.object) {
      if (end - start <= LONGEST_END_MARKER && isEndMarker(bytes.subarray(start, end))) ended = true;
      return true;
    }
    if (!found.finish && !found.error && found.usageAt < 0) {
      if (last.count === 1) shape.learn(bytes, { ...last, start, end });
      return true;
    }
    const chunk = decodeChunk(bytes.subarray(start, end));
    if (chunk === null) return true;
    if (found.error) failed = true;
    usage = decodeUsage(chunk.usage) ?? usage;
    const choices = Array.isArray(chunk.choices) ? (chunk.choices as ChoiceWire[]) : [];
    for (const choice of choices) {
      if (choice?.finish_reason != null) finishedChoices.add(choice.index ?? 0);
    }
    // The extra chunk with the report comes because we asked; a client that did not may stumble over `choices: []`.
    return facts.wantsStreamUsage || found.error || found.usageAt < 0 || choices.length > 0;
  };

  return {
    get usage() {
      return usage;
    },
    get finished() {
      return finishedChoices.size >= Math.max(1, facts.choices);
    },
    get ended() {
      return ended;
    },
    get failed() {
      return failed;
    },
    see({ bytes, ends }) {
      let kept: Buffer[] | null = null;
      let keptFrom = 0;
      let start = 0;
      for (const end of ends) {
        // Nothing follows the end marker.
        if (ended || !look(bytes, start, end)) {
          kept ??= [];
          if (keptFrom < start) kept.push(bytes.subarray(keptFrom, start));
          keptFrom = end;
        }
        start = end;
      }
      if (kept === null) return bytes;
      if (keptFrom < start) kept.push(bytes.subarray(keptFrom, start));
      return kept.length === 0 ? null : Buffer.concat(kept);
    },
    delivered: () => text.read(),
  };
}

/** The text that was kept last, and how many pieces the event has had. */
interface LastKept extends Omit<LearnedEvent, 'start' | 'end'> {
  count: number;
}

/** Keeps the text, and remembers where the last piece was. */
function watchKeeper(text: TextKeeper): { last: LastKept; keeper: TextKeeper } {
  const last: LastKept = { kind: 'output', textStart: 0, textEnd: 0, count: 0 };
  const keeper: TextKeeper = {
    keep(kind, bytes, start, end) {
      last.kind = kind;
      last.textStart = start;
      last.textEnd = end;
      last.count += 1;
      text.keep(kind, bytes, start, end);
    },
  };
  return { last, keeper };
}

interface ChoiceWire {
  index?: number;
  finish_reason?: string | null;
}

function decodeChunk(bytes: Buffer): { usage?: unknown; choices?: unknown } | null {
  const { data } = parseSseEvent(bytes);
  if (data === null) return null;
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}

function isEndMarker(bytes: Buffer): boolean {
  return bytes.includes('[DONE]') && parseSseEvent(bytes).data?.trim() === '[DONE]';
}
