import { isJsonObject, type Json, type JsonObject } from '../../neutral/json.ts';
import { looseArray, looseString } from '../reading.ts';
import type { BodyFacts, DeliveredText } from '../wire-format.ts';
import { reasoningText } from './parts/decode-items.ts';
import { decodeUsage } from './usage.ts';

/** Reads a whole answer; one that is cut tells nothing. */
export function readBody(body: Buffer): BodyFacts {
  const response = parse(body);
  return {
    usage: decodeUsage(response['usage']),
    get delivered() {
      return deliveredOf(response);
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

function deliveredOf(response: JsonObject): DeliveredText {
  const output: string[] = [];
  const reasoning: string[] = [];
  for (const item of looseArray(response['output'])) {
    if (!isJsonObject(item)) continue;
    if (item['type'] === 'reasoning') reasoning.push(reasoningText(item));
    else output.push(...textsOf(item));
  }
  return { output: output.join(''), reasoning: reasoning.join('') };
}

function textsOf(item: JsonObject): string[] {
  const parts: Json[] = [item, ...looseArray(item['content'])];
  return parts
    .filter(isJsonObject)
    .flatMap((part) => ['text', 'refusal', 'name', 'arguments', 'input', 'code'].map((key) => looseString(part[key])))
    .filter((text) => text !== null);
}
