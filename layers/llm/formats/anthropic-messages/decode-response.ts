import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { isJsonObject, type JsonObject } from '../../neutral/json.ts';
import type { AssistantPart, ReasoningPart, TextPart } from '../../neutral/parts.ts';
import type { NeutralResponse } from '../../neutral/response.ts';
import type { CallContext } from '../codec.ts';
import { unwrapCustomInput } from '../custom-tools.ts';
import { looseObject, looseString } from '../reading.ts';
import { restoreToolName } from '../tool-names.ts';
import { decodeCitations } from './parts/citations.ts';
import { decodeStop } from './stop-reasons.ts';
import { decodeUsage } from './usage.ts';

const FORMAT = 'anthropic-messages';

/** https://docs.claude.com/en/api/messages#response-id */
export function decodeResponse(body: JsonObject, call: CallContext): NeutralResponse {
  if (!Array.isArray(body['content'])) throw notAnAnswer(body);
  const content = body['content'].filter(isJsonObject).flatMap((block) => decodeBlock(block, call));
  const hasCalls = content.some(({ type }) => type === 'tool-call');
  const isAnswerTool = call.answerTool !== undefined && !hasCalls;
  const finish = decodeStop(body['stop_reason'], body['stop_sequence'], hasCalls);
  if (isAnswerTool && finish.reason === 'tool-calls') finish.reason = 'stop';
  const usage = looseObject(body['usage']);
  return {
    id: looseString(body['id']) ?? '',
    model: looseString(body['model']) ?? '',
    choices: [{ content, finish }],
    usage: decodeUsage(usage),
    serviceTier: decodeServiceTier(usage),
  };
}

export function decodeServiceTier(usage: JsonObject): string | null {
  const tier = looseString(usage['service_tier']);
  return tier === 'standard' ? 'default' : tier;
}

/** An error under 200, or no answer at all. */
export function notAnAnswer(body: JsonObject): GatewayError {
  const message = looseString(looseObject(body['error'])['message']);
  return new GatewayError('upstream_error', {
    message: message ?? 'The upstream answered with something that is no message.',
  });
}

function decodeBlock(block: JsonObject, call: CallContext): AssistantPart[] {
  switch (block['type']) {
    case 'text':
      return decodeText(block);
    case 'thinking':
      return decodeThinking(block, call);
    case 'redacted_thinking': {
      const data = looseString(block['data']);
      return data ? [{ type: 'reasoning', text: '', carrier: { origin: call.origin, kind: 'redacted', data } }] : [];
    }
    case 'tool_use':
      return [decodeToolUse(block, call)];
    default:
      return typeof block['type'] === 'string' ? [{ type: 'vendor', format: FORMAT, value: block }] : [];
  }
}

function decodeText(block: JsonObject): TextPart[] {
  const text = looseString(block['text']) ?? '';
  if (text === '') return [];
  const citations = decodeCitations(block['citations']);
  return [citations ? { type: 'text', text, citations } : { type: 'text', text }];
}

function decodeThinking(block: JsonObject, call: CallContext): ReasoningPart[] {
  const text = looseString(block['thinking']) ?? '';
  const signature = looseString(block['signature']);
  if (!signature) return text === '' ? [] : [{ type: 'reasoning', text }];
  return [{ type: 'reasoning', text, carrier: { origin: call.origin, kind: 'signature', data: signature } }];
}

function decodeToolUse(block: JsonObject, call: CallContext): AssistantPart {
  const sent = looseString(block['name']) ?? '';
  const input = JSON.stringify(block['input'] ?? {});
  if (sent === call.answerTool) return { type: 'text', text: input };
  const name = restoreToolName(sent, call);
  const id = looseString(block['id']) || `toolu_${name}`;
  if (!call.customTools.has(name)) return { type: 'tool-call', id, name, arguments: input };
  return { type: 'tool-call', id, name, arguments: unwrapCustomInput(input), custom: true };
}
