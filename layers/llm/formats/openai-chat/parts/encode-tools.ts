import type { Json, JsonObject } from '../../../neutral/json.ts';
import type { NeutralRequest, NeutralTool, ToolChoice } from '../../../neutral/request.ts';
import type { CallContext } from '../../codec.ts';
import { sendToolName } from '../../tool-names.ts';

const FORMAT = 'openai-chat';

export interface EncodedTools {
  tools: JsonObject[];
  /** Search as the format knows it: beside the tools. */
  search: JsonObject | null;
}

export function encodeTools(tools: readonly NeutralTool[], call: CallContext): EncodedTools {
  const encoded: EncodedTools = { tools: [], search: null };
  const names = new Set<string>();
  for (const tool of tools) {
    if (tool.type === 'function' || tool.type === 'custom') {
      if (names.has(tool.name)) {
        call.warn('repaired', 'tools');
        continue;
      }
      names.add(tool.name);
    }
    encodeTool(tool, encoded, call);
  }
  return encoded;
}

function encodeTool(tool: NeutralTool, encoded: EncodedTools, call: CallContext): void {
  switch (tool.type) {
    case 'function': {
      if (tool.cache) call.warn('vendor-only', 'cache_control');
      const name = sendToolName(tool.name, call);
      encoded.tools.push({
        type: 'function',
        function: {
          name,
          ...(tool.description && { description: tool.description }),
          ...(tool.parameters !== null && { parameters: objectSchema(tool.parameters) }),
          ...(tool.strict !== null && { strict: tool.strict }),
        },
      });
      return;
    }
    case 'custom': {
      const name = sendToolName(tool.name, call);
      const custom: JsonObject = { name };
      if (tool.description) custom['description'] = tool.description;
      if (tool.grammar !== null) custom['format'] = tool.grammar;
      encoded.tools.push({ type: 'custom', custom });
      return;
    }
    case 'hosted':
      encodeHosted(tool, encoded, call);
      return;
    case 'vendor':
      if (tool.format === FORMAT) encoded.tools.push(tool.value);
      else call.warn('vendor-only', `tools[].${String(tool.value['type'] ?? 'type')}`);
  }
}

/** Search is a matter of the model here, so that only a client of this format can know that it is one that searches. */
function encodeHosted(
  { kind, native }: Extract<NeutralTool, { type: 'hosted' }>,
  encoded: EncodedTools,
  call: CallContext,
): void {
  if (native.format !== FORMAT) call.warn('dropped', `tools[].${kind}`);
  else if (typeof native.value['type'] === 'string') encoded.tools.push(native.value);
  else encoded.search = native.value;
}

/** `schema must be a JSON Schema of 'type: "object"'`. */
function objectSchema(schema: JsonObject): JsonObject {
  if (schema['type'] !== undefined && schema['type'] !== null) {
    return schema['type'] === 'object' && schema['properties'] === undefined ? { ...schema, properties: {} } : schema;
  }
  return { type: 'object', properties: {}, ...schema };
}

/** @param tools as they are sent; without any, a choice is refused */
export function encodeToolChoice(
  { toolChoice, tools: given }: NeutralRequest,
  tools: readonly JsonObject[],
  call: CallContext,
): Json {
  if (tools.length === 0 || toolChoice === null) return null;
  const typeOf = (name: string): 'custom' | 'function' =>
    given.some((tool) => tool.type === 'custom' && tool.name === name) ? 'custom' : 'function';
  return encodeChoice(toolChoice, typeOf, call);
}

function encodeChoice(choice: ToolChoice, typeOf: (name: string) => 'custom' | 'function', call: CallContext): Json {
  const named = (name: string): JsonObject => ({
    type: typeOf(name),
    [typeOf(name)]: { name: sendToolName(name, call) },
  });
  switch (choice.type) {
    case 'auto':
    case 'none':
    case 'required':
      return choice.type;
    case 'tool':
      return named(choice.name);
    case 'allowed':
      return {
        type: 'allowed_tools',
        allowed_tools: { mode: choice.required ? 'required' : 'auto', tools: choice.names.map(named) },
      };
  }
}
