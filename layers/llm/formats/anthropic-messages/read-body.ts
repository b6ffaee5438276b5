import { isJsonObject, type JsonObject } from '../../neutral/json.ts';
import { looseArray } from '../reading.ts';
import type { BodyFacts, DeliveredText } from '../wire-format.ts';
import { decodeUsage } from './usage.ts';

/** Reads a whole answer; one that is cut tells nothing. */
export function readBody(body: Buffer): BodyFacts {
  const message = parse(body);
  return {
    usage: decodeUsage(message['usage']),
    get delivered() {
      return deliveredOf(message);
    },
  };
}

function parse(body: Buffer): JsonObject {
  try {
    const value: unknown = JSON.parse(body.toString());
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

function deliveredOf(message: JsonObject): DeliveredText {
  let output = '';
  let reasoning = '';
  for (const block of looseArray(message['content'])) {
    if (!isJsonObject(block)) continue;
    if (typeof block['thinking'] === 'string') reasoning += block['thinking'];
    if (typeof block['text'] === 'string') output += block['text'];
    if (block['type'] === 'tool_use') output += String(block['name']) + JSON.stringify(block['input']);
  }
  return { output, reasoning };
}
