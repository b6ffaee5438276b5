import { parseSseEvent } from '@sluice/kit/stream/sse-event';
import { isJsonObject, type JsonObject } from '../../neutral/json.ts';
import { createKeptText } from '../openai-chat/kept-text.ts';
import { looseObject } from '../reading.ts';
import type { StreamTap } from '../wire-format.ts';
import { createSkim, skim } from './skim.ts';
import { decodeUsage, mergeUsage, type UsageReport } from './usage.ts';

/** Passes events on as they are. Decoded are only the first, which tells the input, and the last, which tells the rest. */
export function createStreamTap(): StreamTap {
  const found = createSkim();
  const text = createKeptText();
  let report: UsageReport | null = null;
  let finished = false;
  let ended = false;
  let failed = false;

  const look = (bytes: Buffer, start: number, end: number): void => {
    skim(bytes, start, end, found);
    if (found.typeStart < 0) {
      if (found.error) failed = true;
      return;
    }
    switch (bytes.toString('latin1', found.typeStart, found.typeEnd)) {
      case 'content_block_delta':
        if (found.textStart >= 0) text.keep(found.kind, bytes, found.textStart, found.textEnd);
        return;
      case 'message_start':
        report = mergeUsage(report, looseObject(decode(bytes, start, end)['message'])['usage']);
        return;
      case 'message_delta': {
        const event = decode(bytes, start, end);
        report = mergeUsage(report, event['usage']);
        finished ||= looseObject(event['delta'])['stop_reason'] != null;
        return;
      }
      case 'message_stop':
        ended = true;
        return;
      case 'error':
        failed = true;
    }
  };

  return {
    get usage() {
      return decodeUsage(report);
    },
    get finished() {
      return finished || ended;
    },
    get ended() {
      return ended;
    },
    get failed() {
      return failed;
    },
    see({ bytes, ends }) {
      let start = 0;
      for (const end of ends) {
        // Nothing follows the end.
        if (ended) return start === 0 ? null : bytes.subarray(0, start);
        look(bytes, start, end);
        start = end;
      }
      return bytes;
    },
    delivered: () => text.read(),
  };
}

function decode(bytes: Buffer, start: number, end: number): JsonObject {
  const { data } = parseSseEvent(bytes.subarray(start, end));
  if (data === null) return {};
  try {
    const value: unknown = JSON.parse(data);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}
