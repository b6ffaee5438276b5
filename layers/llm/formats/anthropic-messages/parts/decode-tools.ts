import { isJsonObject, type Json, type JsonObject } from '../../../neutral/json.ts';
import type { FunctionTool, HostedTool, NeutralTool, ToolChoice } from '../../../neutral/request.ts';
import type { ClientContext } from '../../codec.ts';
import { asArray, asBoolean, asObject, asString, asText, optional, pathOf, wrongType } from '../../reading.ts';
import { decodeCacheMark } from './cache-marks.ts';

const FORMAT = 'anthropic-messages';

/** Server tools that other vendors have too, by the beginning of their dated types. */
const HOSTED: readonly (readonly [prefix: string, kind: HostedTool['kind']])[] = [
  ['web_search_', 'web-search'],
  ['web_fetch_', 'web-fetch'],
  ['code_execution_', 'code-execution'],
];

export function decodeTools(value: Json | undefined, client: ClientContext): NeutralTool[] {
  if (value == null) return [];
  return asArray(value, 'tools').map((item, index) => {
    const path = pathOf('tools', index);
    return decodeTool(asObject(item, path), path, client);
  });
}

function decodeTool(tool: JsonObject, path: string, client: ClientContext): NeutralTool {
  const type = optional(tool, 'type', asString, path) ?? 'custom';
  if (type === 'custom') return decodeFunction(tool, path, client);
  const hosted = HOSTED.find(([prefix]) => type.startsWith(prefix));
  if (hosted) return { type: 'hosted', kind: hosted[1], native: { format: FORMAT, value: tool } };
  return { type: 'vendor', format: FORMAT, value: tool };
}

function decodeFunction(tool: JsonObject, path: string, client: ClientContext): FunctionTool {
  const decoded: FunctionTool = {
    type: 'function',
    name: asText(tool['name'], pathOf(path, 'name')),
    description: optional(tool, 'description', asString, path),
    parameters: optional(tool, 'input_schema', asObject, path),
    strict: optional(tool, 'strict', asBoolean, path),
  };
  const cache = decodeCacheMark(tool['cache_control']);
  if (cache) decoded.cache = cache;
  for (const member of ['defer_loading', 'allowed_callers', 'input_examples', 'eager_input_streaming']) {
    if (tool[member] != null) client.warn('vendor-only', `tools[].${member}`);
  }
  return decoded;
}

/** `parallel` is null where the choice does not say. */
export function decodeToolChoice(value: Json | undefined): { choice: ToolChoice | null; parallel: boolean | null } {
  if (value == null) return { choice: null, parallel: null };
  const choice = asObject(value, 'tool_choice');
  const disabled = optional(choice, 'disable_parallel_tool_use', asBoolean, 'tool_choice');
  return { choice: decodeChoice(choice), parallel: disabled === null ? null : !disabled };
}

function decodeChoice(choice: JsonObject): ToolChoice {
  switch (choice['type']) {
    case 'auto':
    case 'none':
      return { type: choice['type'] };
    case 'any':
      return { type: 'required' };
    case 'tool':
      return { type: 'tool', name: asText(choice['name'], 'tool_choice.name') };
    default:
      throw wrongType('tool_choice.type', "one of 'auto', 'any', 'tool', 'none'");
  }
}

/** `output_config.format`, or `output_format` of its beta. */
export function readOutputFormat(body: JsonObject): { format: JsonObject | null; path: string } {
  const config = body['output_config'];
  if (isJsonObject(config) && config['format'] != null) {
    return { format: asObject(config['format'], 'output_config.format'), path: 'output_config.format' };
  }
  return { format: optional(body, 'output_format', asObject), path: 'output_format' };
}
