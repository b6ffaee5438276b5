import type { TextKeeper } from './skim.ts';

/**
 * Most events of a stream differ from the one before in one string only. Knows the bytes around that string, so that an
 * event which is the same but for it need not be looked through again: what it holds besides is known.
 */
export interface SameShape {
  /** What the known string is. */
  readonly kind: TextKind;
  /** Offset of the string's closing quote, when `bytes[start, end)` is the known event but for the string; else −1. */
  match(bytes: Buffer, start: number, end: number): number;
  /** Where the string begins in an event that matched, counted from the event's start. */
  readonly textAt: number;
  /** The event just looked through, and where the inside of its string is. */
  learn(bytes: Buffer, event: LearnedEvent): void;
}

export interface LearnedEvent {
  kind: TextKind;
  start: number;
  end: number;
  textStart: number;
  textEnd: number;
}

type TextKind = Parameters<TextKeeper['keep']>[0];

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NOTHING = Buffer.alloc(0);
/** A stream whose events differ in more is not learned for ever. */
const MOST_LESSONS = 8;

export function createSameShape(): SameShape {
  let before: Buffer = NOTHING;
  let behind: Buffer = NOTHING;
  /** Lessons that no event has made use of. */
  let lessons = 0;
  let kind: TextKind = 'output';
  return {
    get kind() {
      return kind;
    },
    get textAt() {
      return before.length;
    },
    match(bytes, start, end) {
      const textStart = start + before.length;
      const latestEnd = end - behind.length;
      if (before.length === 0 || textStart > latestEnd || !isAt(bytes, start, before)) return -1;
      let offset = textStart;
      while (offset < latestEnd) {
        const byte = bytes[offset];
        if (byte === QUOTE) return -1;
        offset += byte === BACKSLASH ? 2 : 1;
      }
      if (offset !== latestEnd || !isAt(bytes, latestEnd, behind)) return -1;
      lessons = 0;
      return latestEnd;
    },
    learn(bytes, { start, end, textStart, textEnd, ...event }) {
      if (lessons >= MOST_LESSONS) return;
      lessons += 1;
      kind = event.kind;
      before = Buffer.from(bytes.subarray(start, textStart));
      behind = Buffer.from(bytes.subarray(textEnd, end));
    },
  };
}

function isAt(bytes: Buffer, start: number, part: Buffer): boolean {
  // What differs, differs near the end: the id of a choice, the text.
  for (let index = part.length - 1; index >= 0; index -= 1) {
    if (bytes[start + index] !== part[index]) return false;
  }
  return true;
}
