import { isJsonObject, type JsonObject } from '../../../neutral/json.ts';
import type { HostedTool, NeutralRequest, NeutralTool, ToolChoice } from '../../../neutral/request.ts';
import type { CallContext } from '../../codec.ts';
import { sendToolName } from '../../tool-names.ts';
import { RESPONSES } from '../wire.ts';

export function encodeTools({ tools, extras }: NeutralRequest, call: CallContext): JsonObject[] {
  const isOwn = extras.format === RESPONSES;
  return tools.map((tool) => encodeTool(tool, call, isOwn)).filter((tool) => tool !== null);
}

function encodeTool(tool: NeutralTool, call: CallContext, isOwn: boolean): JsonObject | null {
  switch (tool.type) {
    case 'function': {
      const { description, parameters, strict } = tool;
      return {
        type: 'function',
        name: sendToolName(tool.name, call),
        ...(description === null ? {} : { description }),
        parameters: parameters ?? { type: 'object', properties: {} },
        // This API is strict where nothing is said, and refuses schemas that are not made for it; others are not.
        ...(strict === null && isOwn ? {} : { strict: strict ?? false }),
      };
    }
    case 'custom': {
      const { description, grammar } = tool;
      return {
        type: 'custom',
        name: sendToolName(tool.name, call),
        ...(description === null ? {} : { description }),
        ...(grammar === null ? {} : { format: grammar }),
      };
    }
    case 'hosted':
      return encodeHosted(tool, call);
    case 'vendor':
      if (tool.format === RESPONSES) return tool.value;
      call.warn('dropped', `tools.${String(tool.value['name'] ?? tool.value['type'])}`);
      return null;
  }
}

function encodeHosted({ kind, native }: HostedTool, call: CallContext): JsonObject | null {
  if (native.format === RESPONSES) return native.value;
  switch (kind) {
    case 'web-search':
      return encodeSearch(native.value);
    case 'code-execution':
      return { type: 'code_interpreter', container: { type: 'auto' } };
    case 'web-fetch':
      call.warn('dropped', 'tools.web_fetch');
      return null;
  }
}

/** Anthropic and OpenAI mean the same by these two. */
function encodeSearch(value: JsonObject): JsonObject {
  const domains = value['allowed_domains'];
  const location = value['user_location'];
  return {
    type: 'web_search',
    ...(Array.isArray(domains) && domains.length > 0 ? { filters: { allowed_domains: domains } } : {}),
    ...(isJsonObject(location) ? { user_location: location } : {}),
  };
}

/** `tool_choice` and `parallel_tool_calls` mean nothing without tools, and are refused by some. */
export function encodeToolSettings(
  { toolChoice, parallelToolCalls, tools }: NeutralRequest,
  call: CallContext,
): { tool_choice?: JsonObject[string]; parallel_tool_calls?: boolean } {
  return {
    ...(toolChoice === null ? {} : { tool_choice: encodeToolChoice(toolChoice, tools, call) }),
    ...(parallelToolCalls === null ? {} : { parallel_tool_calls: parallelToolCalls }),
  };
}

function encodeToolChoice(choice: ToolChoice, tools: readonly NeutralTool[], call: CallContext): JsonObject[string] {
  const named = (name: string): JsonObject => {
    const isCustom = tools.some((tool) => tool.type === 'custom' && tool.name === name);
    return { type: isCustom ? 'custom' : 'function', name: sendToolName(name, call) };
  };
  if (choice.type === 'tool') return named(choice.name);
  if (choice.type !== 'allowed') return choice.type;
  return { type: 'allowed_tools', mode: choice.required ? 'required' : 'auto', tools: choice.names.map(named) };
}
