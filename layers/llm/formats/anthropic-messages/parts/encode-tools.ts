import type { JsonObject } from '../../../neutral/json.ts';
import type { HostedTool, NeutralRequest, NeutralTool, ToolChoice } from '../../../neutral/request.ts';
import type { CallContext } from '../../codec.ts';
import { CUSTOM_INPUT, describeCustomTool } from '../../custom-tools.ts';
import { sendToolName } from '../../tool-names.ts';
import { encodeCacheMark } from './cache-marks.ts';
import { encodeInputSchema } from './schemas.ts';

const FORMAT = 'anthropic-messages';

/** https://docs.claude.com/en/docs/agents-and-tools/tool-use/web-search-tool and its neighbours */
const HOSTED: Readonly<Record<HostedTool['kind'], JsonObject>> = {
  'web-search': { type: 'web_search_20250305', name: 'web_search' },
  'web-fetch': { type: 'web_fetch_20250910', name: 'web_fetch' },
  'code-execution': { type: 'code_execution_20250825', name: 'code_execution' },
};

export function encodeTools({ tools, toolChoice }: NeutralRequest, call: CallContext): JsonObject[] {
  const encoded: JsonObject[] = [];
  const names = new Set<unknown>();
  for (const tool of allowedOf(tools, toolChoice, call)) {
    const wire = encodeTool(tool, call);
    if (wire === null) continue;
    // Tool sets of the vendor have no name.
    if (wire['name'] !== undefined && names.has(wire['name'])) {
      call.warn('repaired', 'tools');
      continue;
    }
    names.add(wire['name']);
    encoded.push(wire);
  }
  return encoded;
}

/** A choice among some tools is said by offering no others. */
function allowedOf(tools: NeutralTool[], choice: ToolChoice | null, call: CallContext): NeutralTool[] {
  if (choice?.type !== 'allowed') return tools;
  call.warn('approximated', 'tool_choice');
  return tools.filter((tool) => !('name' in tool) || choice.names.includes(tool.name));
}

function encodeTool(tool: NeutralTool, call: CallContext): JsonObject | null {
  switch (tool.type) {
    case 'function':
      return {
        name: sendToolName(tool.name, call),
        ...(tool.description && { description: tool.description }),
        input_schema: encodeInputSchema(tool.parameters),
        ...(tool.strict === true && call.features.structuredOutput && { strict: true }),
        ...encodeCacheMark(tool.cache),
      };
    case 'custom': {
      call.customTools.add(tool.name);
      const description = describeCustomTool(tool);
      if (tool.grammar !== null) call.warn('approximated', 'tools[].custom.format');
      return {
        name: sendToolName(tool.name, call),
        ...(description !== '' && { description }),
        input_schema: CUSTOM_INPUT,
      };
    }
    case 'hosted':
      return tool.native.format === FORMAT ? tool.native.value : HOSTED[tool.kind];
    case 'vendor':
      if (tool.format === FORMAT) return tool.value;
      call.warn('vendor-only', `tools[].${String(tool.value['type'] ?? 'type')}`);
      return null;
  }
}

/** @param tools as they are sent; without any, a choice is refused */
export function encodeToolChoice(
  { toolChoice, parallelToolCalls }: NeutralRequest,
  tools: readonly JsonObject[],
  call: CallContext,
): JsonObject | null {
  if (tools.length === 0) return null;
  const choice = toolChoice === null ? null : encodeChoice(toolChoice, call);
  if (parallelToolCalls === null || choice?.['type'] === 'none') return choice;
  if (parallelToolCalls && choice === null) return null;
  return { ...(choice ?? { type: 'auto' }), ...(!parallelToolCalls && { disable_parallel_tool_use: true }) };
}

function encodeChoice(choice: ToolChoice, call: CallContext): JsonObject {
  switch (choice.type) {
    case 'auto':
    case 'none':
      return { type: choice.type };
    case 'required':
      return { type: 'any' };
    case 'tool':
      return { type: 'tool', name: sendToolName(choice.name, call) };
    case 'allowed':
      return { type: choice.required ? 'any' : 'auto' };
  }
}
