import { isJsonObject, type Json, type JsonObject } from '../../../neutral/json.ts';
import type { FunctionTool, NeutralTool, OutputFormat, ReasoningWish, ToolChoice } from '../../../neutral/request.ts';
import { decodeCacheMark } from '../../anthropic-messages/parts/cache-marks.ts';
import {
  asArray,
  asBoolean,
  asCount,
  asObject,
  asOneOf,
  asString,
  asText,
  optional,
  pathOf,
  wrongType,
} from '../../reading.ts';

const FORMAT = 'openai-chat';

/** `tools`, their legacy `functions`, and the search that stands beside both. */
export function decodeTools(body: JsonObject): NeutralTool[] {
  const tools = (optional(body, 'tools', asArray) ?? []).map((item, index) => {
    const path = pathOf('tools', index);
    return decodeTool(asObject(item, path), path);
  });
  const functions = (optional(body, 'functions', asArray) ?? []).map((item, index) => {
    const path = pathOf('functions', index);
    return decodeFunction(asObject(item, path), path);
  });
  const search = optional(body, 'web_search_options', asObject);
  const hosted: NeutralTool[] =
    search === null ? [] : [{ type: 'hosted', kind: 'web-search', native: { format: FORMAT, value: search } }];
  return [...tools, ...functions, ...hosted];
}

function decodeTool(tool: JsonObject, path: string): NeutralTool {
  const type = asText(tool['type'], pathOf(path, 'type'));
  if (type === 'function') {
    const decoded = decodeFunction(asObject(tool['function'], pathOf(path, 'function')), pathOf(path, 'function'));
    const cache = decodeCacheMark(tool['cache_control']);
    return cache ? { ...decoded, cache } : decoded;
  }
  if (type === 'custom') {
    const at = pathOf(path, 'custom');
    const custom = asObject(tool['custom'], at);
    const name = asText(custom['name'], pathOf(at, 'name'));
    const description = optional(custom, 'description', asString, at);
    return { type: 'custom', name, description, grammar: optional(custom, 'format', asObject, at) };
  }
  if (type.startsWith('web_search'))
    return { type: 'hosted', kind: 'web-search', native: { format: FORMAT, value: tool } };
  return { type: 'vendor', format: FORMAT, value: tool };
}

function decodeFunction(tool: JsonObject, path: string): FunctionTool {
  return {
    type: 'function',
    name: asText(tool['name'], pathOf(path, 'name')),
    description: optional(tool, 'description', asString, path),
    parameters: optional(tool, 'parameters', asObject, path),
    strict: optional(tool, 'strict', asBoolean, path),
  };
}

/** `tool_choice`, or its legacy `function_call`. */
export function decodeToolChoice(body: JsonObject): ToolChoice | null {
  const choice = body['tool_choice'];
  if (choice == null) return body['function_call'] == null ? null : decodeFunctionCall(body['function_call']);
  if (typeof choice === 'string')
    return { type: asOneOf(choice, ['none', 'auto', 'required'] as const, 'tool_choice') };
  const chosen = asObject(choice, 'tool_choice');
  const type = asOneOf(chosen['type'], ['function', 'custom', 'allowed_tools'] as const, 'tool_choice.type');
  const inner = asObject(chosen[type], pathOf('tool_choice', type));
  if (type !== 'allowed_tools') return { type: 'tool', name: asText(inner['name'], `tool_choice.${type}.name`) };
  const tools = asArray(inner['tools'], 'tool_choice.allowed_tools.tools').filter(isJsonObject);
  return { type: 'allowed', names: tools.flatMap(nameOf), required: inner['mode'] === 'required' };
}

function decodeFunctionCall(value: Json): ToolChoice {
  if (typeof value === 'string') return { type: asOneOf(value, ['none', 'auto'] as const, 'function_call') };
  return { type: 'tool', name: asText(asObject(value, 'function_call')['name'], 'function_call.name') };
}

function nameOf(tool: JsonObject): string[] {
  const inner = isJsonObject(tool['function'])
    ? tool['function']
    : isJsonObject(tool['custom'])
      ? tool['custom']
      : tool;
  return typeof inner['name'] === 'string' ? [inner['name']] : [];
}

export function decodeOutput(body: JsonObject): OutputFormat | null {
  const format = optional(body, 'response_format', asObject);
  if (format === null) return null;
  const type = asOneOf(format['type'], ['text', 'json_object', 'json_schema'] as const, 'response_format.type');
  if (type === 'text') return { type: 'text' };
  if (type === 'json_object') return { type: 'json' };
  const path = 'response_format.json_schema';
  const wanted = asObject(format['json_schema'], path);
  if (wanted['name'] == null) throw wrongType(pathOf(path, 'name'), 'a string');
  return {
    type: 'json-schema',
    name: asText(wanted['name'], pathOf(path, 'name')),
    description: optional(wanted, 'description', asString, path),
    schema: optional(wanted, 'schema', asObject, path),
    strict: optional(wanted, 'strict', asBoolean, path),
  };
}

const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;

/** `reasoning_effort`; `reasoning` as OpenRouter has it; `thinking` as Anthropic and those after it have it. */
export function decodeReasoningWish(body: JsonObject): ReasoningWish | null {
  const effort = optional(body, 'reasoning_effort', (value, path) => asOneOf(value, EFFORTS, path));
  const reasoning = optional(body, 'reasoning', asObject) ?? {};
  const thinking = optional(body, 'thinking', asObject) ?? {};
  const wish: ReasoningWish = {
    enabled: readEnabled(reasoning, thinking),
    effort: effort ?? optional(reasoning, 'effort', (value, path) => asOneOf(value, EFFORTS, path), 'reasoning'),
    budgetTokens:
      optional(reasoning, 'max_tokens', asCount, 'reasoning') ??
      optional(thinking, 'budget_tokens', asCount, 'thinking'),
    show: optional(reasoning, 'exclude', asBoolean, 'reasoning') === true ? false : null,
    summary: null,
  };
  const isSaid = Object.values(wish).some((value) => value !== null);
  return isSaid ? wish : null;
}

function readEnabled(reasoning: JsonObject, thinking: JsonObject): boolean | null {
  const enabled = optional(reasoning, 'enabled', asBoolean, 'reasoning');
  const type = optional(thinking, 'type', asString, 'thinking');
  if (enabled !== null || type === null) return enabled;
  return type !== 'disabled';
}
