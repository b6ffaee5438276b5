import { isJsonObject, type Json, type JsonObject } from '../../../neutral/json.ts';
import type { ReasoningCarrier, ReasoningPart } from '../../../neutral/parts.ts';
import { looseArray, looseString } from '../../reading.ts';

/**
 * Reasoning has no field of OpenAI's own here. Met are `reasoning_content` (DeepSeek, xAI, vLLM:
 * https://api-docs.deepseek.com/guides/reasoning_model), `reasoning` and `reasoning_details` (OpenRouter:
 * https://openrouter.ai/docs/use-cases/reasoning-tokens) and `thinking_blocks` (LiteLLM). The details tell most, then the
 * blocks, then the plain texts, which repeat the same.
 *
 * @param open what a detail's opaque data is to the reader
 */
export function decodeReasoning(
  message: JsonObject,
  open: (data: string, kind: ReasoningCarrier['kind']) => ReasoningCarrier | undefined,
): ReasoningPart[] {
  const details = [...looseArray(message['reasoning_details']), ...looseArray(message['thinking_blocks'])];
  const parts: ReasoningPart[] = [];
  for (const detail of details) if (isJsonObject(detail)) addDetail(parts, detail, open);
  const text = reasoningText(message);
  if (text === '' || parts.some((part) => part.text !== '')) return parts;
  // Details without a text prove the text beside them.
  const [first, ...rest] = parts;
  return first ? [{ ...first, text }, ...rest] : [{ type: 'reasoning', text }];
}

/** The piece of reasoning in a message or a delta; empty when there is none. */
export function reasoningText(message: JsonObject): string {
  return looseString(message['reasoning_content']) || looseString(message['reasoning']) || '';
}

type Open = Parameters<typeof decodeReasoning>[1];

/** Text goes on until it is proven. */
function addDetail(parts: ReasoningPart[], detail: JsonObject, open: Open): void {
  const text = looseString(detail['text']) ?? looseString(detail['summary']) ?? looseString(detail['thinking']) ?? '';
  const carrier = carrierOf(detail, open);
  if (text === '' && carrier === undefined) return;
  let last = parts.at(-1);
  if (last === undefined || last.carrier) {
    last = { type: 'reasoning', text: '' };
    parts.push(last);
  }
  last.text += text;
  if (carrier) last.carrier = carrier;
}

export function carrierOf(detail: JsonObject, open: Open): ReasoningCarrier | undefined {
  const data = looseString(detail['data']);
  if (data) return open(data, detail['type'] === 'redacted_thinking' ? 'redacted' : 'encrypted');
  const signature = looseString(detail['signature']);
  return signature ? open(signature, 'signature') : undefined;
}

/** A carrier where clients that echo `reasoning_details` send it back. */
export function encodeDetail(sealed: string, index: number): Json {
  return { type: 'reasoning.encrypted', data: sealed, format: 'unknown', index };
}

/** The same for the upstream that made it. */
export function encodeOwnDetail({ text, carrier }: ReasoningPart): JsonObject {
  if (carrier === undefined) return { type: 'reasoning.text', text };
  if (carrier.kind === 'signature') return { type: 'reasoning.text', text, signature: carrier.data };
  return { type: 'reasoning.encrypted', data: carrier.data };
}
