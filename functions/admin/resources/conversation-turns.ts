import type { ConversationPart, ConversationTurn } from '@sluice/contract/conversations';
import type { ChatMessage } from '@sluice/core/content/store';
import { isJsonObject, type Json, type JsonObject } from '@sluice/llm/neutral/json';

type Role = ConversationTurn['role'];

export function turnsOfSession(messages: readonly ChatMessage[]): ConversationTurn[] {
  return messages.map(({ role, content }) => ({ role, parts: [{ type: 'text', text: content }] }));
}

/**
 * A stored response as people read it, its input first. What follows from one side without a break is one turn.
 * https://platform.openai.com/docs/api-reference/responses/object
 */
export function turnsOfResponse(input: readonly Json[], response: JsonObject): ConversationTurn[] {
  const output = Array.isArray(response['output']) ? response['output'] : [];
  const { instructions } = response;
  const turns: ConversationTurn[] = [];
  const say = (role: Role, parts: readonly ConversationPart[]): void => {
    if (parts.length === 0) return;
    const last = turns.at(-1);
    if (last && last.role === role && role !== 'user') last.parts.push(...parts);
    else turns.push({ role, parts: [...parts] });
  };
  if (typeof instructions === 'string' && instructions !== '') say('system', [{ type: 'text', text: instructions }]);
  for (const item of [...input, ...output]) {
    if (isJsonObject(item)) say(roleOf(item), partsOf(item));
  }
  return turns;
}

function roleOf({ type, role }: JsonObject): Role {
  if (typeof type === 'string' && type.endsWith('_output')) return 'tool';
  if (role === 'system' || role === 'developer') return 'system';
  return role === 'user' ? 'user' : 'assistant';
}

function partsOf(item: JsonObject): ConversationPart[] {
  const type = textOf(item['type']) || 'message';
  switch (type) {
    case 'message':
      return contentOf(item['content']);
    case 'reasoning': {
      const text = [...textsOf(item['summary']), ...textsOf(item['content'])].join('\n\n');
      return text === '' ? [] : [{ type: 'reasoning', text }];
    }
    case 'function_call':
      return [{ type: 'tool_call', name: textOf(item['name']), arguments: textOf(item['arguments']) }];
    case 'custom_tool_call':
      return [{ type: 'tool_call', name: textOf(item['name']), arguments: textOf(item['input']) }];
    case 'function_call_output':
    case 'custom_tool_call_output':
      return outputOf(item['output']);
    case 'image_generation_call': {
      const image = textOf(item['result']);
      return image === ''
        ? [{ type: 'other', name: type }]
        : [{ type: 'image', url: `data:image/png;base64,${image}` }];
    }
    default:
      return [{ type: 'other', name: type }];
  }
}

function contentOf(content: Json | undefined): ConversationPart[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  return Array.isArray(content) ? content.flatMap((part) => (isJsonObject(part) ? [partOf(part)] : [])) : [];
}

function partOf(part: JsonObject): ConversationPart {
  const { type, text, refusal, image_url: image } = part;
  if (typeof text === 'string') return { type: 'text', text };
  if (typeof refusal === 'string') return { type: 'text', text: refusal };
  if (typeof image === 'string' && image !== '') return { type: 'image', url: image };
  return { type: 'other', name: textOf(type) };
}

/** A text, or parts as a message has them, of which images are told. */
function outputOf(output: Json | undefined): ConversationPart[] {
  if (typeof output === 'string') return [{ type: 'tool_result', text: output }];
  return contentOf(output).map((part) => (part.type === 'text' ? { type: 'tool_result', text: part.text } : part));
}

function textsOf(parts: Json | undefined): string[] {
  if (!Array.isArray(parts)) return [];
  return parts.flatMap((part) => (isJsonObject(part) && typeof part['text'] === 'string' ? [part['text']] : []));
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
