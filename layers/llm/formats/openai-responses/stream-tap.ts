import { parseSseEvent } from '@sluice/kit/stream/sse-event';
import { isJsonObject, type JsonObject } from '../../neutral/json.ts';
import { looseObject } from '../reading.ts';
import { createKeptText } from '../openai-chat/kept-text.ts';
import type { UsageFigures } from '../usage-figures.ts';
import type { StreamTap } from '../wire-format.ts';
import { createSkim, skim } from './skim.ts';
import { decodeUsage } from './usage.ts';

/**
 * Passes events on as they are. Only the last one is decoded, which carries the whole response; of the others their type
 * tells whether their delta is text of the answer.
 */
export function createStreamTap(): StreamTap {
  const found = createSkim();
  const text = createKeptText();
  let usage: UsageFigures | null = null;
  let ended = false;
  let failed = false;

  const look = (bytes: Buffer, start: number, end: number): void => {
    skim(bytes, start, end, found);
    if (found.typeStart < 0) {
      if (found.error) failed = true;
      return;
    }
    const type = bytes.toString('latin1', found.typeStart, found.typeEnd);
    const kind = TEXTS.get(type);
    if (kind !== undefined) {
      if (found.deltaStart >= 0) text.keep(kind, bytes, found.deltaStart, found.deltaEnd);
      return;
    }
    const isEnd = type === 'response.completed' || type === 'response.incomplete';
    if (!isEnd && !FAILURES.has(type)) return;
    if (isEnd) ended = true;
    else failed = true;
    usage = decodeUsage(readResponse(bytes.subarray(start, end))['usage']) ?? usage;
  };

  return {
    get usage() {
      return usage;
    },
    get finished() {
      return ended;
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
        look(bytes, start, end);
        start = end;
        // Nothing follows the end; some servers add `[DONE]`.
        if (ended) return start === bytes.length ? bytes : bytes.subarray(0, start);
      }
      return bytes;
    },
    delivered: () => text.read(),
  };
}

/** Events whose `delta` the client reads as the answer, or as the reasoning before it. */
const TEXTS: ReadonlyMap<string, 'output' | 'reasoning'> = new Map([
  ['response.output_text.delta', 'output'],
  ['response.refusal.delta', 'output'],
  ['response.function_call_arguments.delta', 'output'],
  ['response.custom_tool_call_input.delta', 'output'],
  ['response.mcp_call_arguments.delta', 'output'],
  ['response.code_interpreter_call_code.delta', 'output'],
  ['response.reasoning_summary_text.delta', 'reasoning'],
  ['response.reasoning_text.delta', 'reasoning'],
]);

const FAILURES: ReadonlySet<string> = new Set(['response.failed', 'response.cancelled', 'error']);

function readResponse(event: Buffer): JsonObject {
  const { data } = parseSseEvent(event);
  if (data === null) return {};
  try {
    const value: unknown = JSON.parse(data);
    return isJsonObject(value) ? looseObject(value['response']) : {};
  } catch {
    return {};
  }
}
