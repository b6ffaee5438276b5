import { isJsonObject, type JsonObject } from '../../../neutral/json.ts';
import type { NeutralRequest, NeutralTool, ToolChoice } from '../../../neutral/request.ts';
import { encodeInputSchema } from '../../anthropic-messages/parts/schemas.ts';
import type { CallContext } from '../../codec.ts';
import { CUSTOM_INPUT, describeCustomTool } from '../../custom-tools.ts';
import { sendToolName } from '../../tool-names.ts';
import { encodeCachePoint } from './cache-points.ts';

/**
 * Tools and the choice among them. A conversation with calls in it is refused without tools (`The toolConfig field must
 * be defined`), so the tools that were called stand in for those that the client no longer names.
 * @param messages as they are sent
 */
export function encodeToolConfig(
  request: NeutralRequest,
  messages: readonly JsonObject[],
  call: CallContext,
): JsonObject | null {
  const { tools, toolChoice } = request;
  const isNone = toolChoice?.type === 'none';
  const encoded = isNone ? [] : encodeTools(allowedOf(tools, toolChoice, call), call);
  if (isNone && tools.length > 0) call.warn('approximated', 'tool_choice');
  const called = encoded.some((tool) => 'toolSpec' in tool) ? [] : calledTools(messages);
  const all = [...encoded, ...called];
  if (all.length === 0) return null;
  const choice = toolChoice && encoded.length > 0 ? encodeChoice(toolChoice, call) : null;
  return { tools: all, ...(choice && { toolChoice: choice }) };
}

/** A choice among some tools is said by offering no others. */
function allowedOf(tools: NeutralTool[], choice: ToolChoice | null, call: CallContext): NeutralTool[] {
  if (choice?.type !== 'allowed') return tools;
  call.warn('approximated', 'tool_choice');
  return tools.filter((tool) => !('name' in tool) || choice.names.includes(tool.name));
}

function encodeTools(tools: readonly NeutralTool[], call: CallContext): JsonObject[] {
  const encoded: JsonObject[] = [];
  const names = new Set<string>();
  for (const [index, tool] of tools.entries()) {
    if (tool.type !== 'function' && tool.type !== 'custom') {
      call.warn(tool.type === 'hosted' ? 'dropped' : 'vendor-only', `tools[${index}]`);
      continue;
    }
    const name = sendToolName(tool.name, call);
    if (names.has(name)) {
      call.warn('repaired', `tools[${index}]`);
      continue;
    }
    names.add(name);
    encoded.push({ toolSpec: { name, ...specOf(tool, call) } });
    if (tool.type === 'function') encoded.push(...encodeCachePoint(tool.cache));
  }
  return encoded;
}

function specOf(tool: Extract<NeutralTool, { type: 'function' | 'custom' }>, call: CallContext): JsonObject {
  if (tool.type === 'custom') {
    call.customTools.add(tool.name);
    if (tool.grammar !== null) call.warn('approximated', 'tools[].custom.format');
    return { ...described(describeCustomTool(tool)), inputSchema: { json: CUSTOM_INPUT } };
  }
  const isStrict = tool.strict === true && call.features.structuredOutput;
  return {
    ...described(tool.description ?? ''),
    inputSchema: { json: encodeInputSchema(tool.parameters) },
    ...(isStrict && { strict: true }),
  };
}

/** An empty description is refused. */
function described(description: string): JsonObject {
  return description.trim() === '' ? {} : { description };
}

function calledTools(messages: readonly JsonObject[]): JsonObject[] {
  const names = new Set<string>();
  for (const { content } of messages) {
    for (const block of Array.isArray(content) ? content : []) {
      const use = isJsonObject(block) ? block['toolUse'] : null;
      if (isJsonObject(use)) names.add(String(use['name']));
    }
  }
  return [...names].map((name) => ({
    toolSpec: { name, inputSchema: { json: { type: 'object', properties: {} } } },
  }));
}

function encodeChoice(choice: ToolChoice, call: CallContext): JsonObject | null {
  switch (choice.type) {
    case 'auto':
      return { auto: {} };
    case 'required':
      return { any: {} };
    case 'tool':
      return { tool: { name: sendToolName(choice.name, call) } };
    case 'allowed':
      return choice.required ? { any: {} } : { auto: {} };
    case 'none':
      return null;
  }
}
