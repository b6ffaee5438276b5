import type { JsonObject } from '../../../neutral/json.ts';
import type { CustomTool, FunctionTool, HostedTool, NeutralRequest, ToolChoice } from '../../../neutral/request.ts';
import type { CallContext } from '../../codec.ts';
import { CUSTOM_INPUT, describeCustomTool } from '../../custom-tools.ts';
import { sendToolName } from '../../tool-names.ts';
import { createInliningBudget, type InliningBudget } from './inline-references.ts';
import { lowerParameters, lowerSchema } from './lower-schema.ts';

const HOSTED: Record<HostedTool['kind'], string> = {
  'web-search': 'googleSearch',
  'web-fetch': 'urlContext',
  'code-execution': 'codeExecution',
};

/** All functions in one entry, each hosted tool in one of its own; a second declaration of a name is left out. */
export function encodeTools({ tools }: NeutralRequest, call: CallContext): JsonObject[] {
  const declarations: JsonObject[] = [];
  const entries: JsonObject[] = [];
  const names = new Set<string>();
  const budget = createInliningBudget();
  const hasFunctions = tools.some((tool) => tool.type === 'function' || tool.type === 'custom');
  for (const [index, tool] of tools.entries()) {
    const path = `tools[${index}]`;
    if (tool.type === 'function' || tool.type === 'custom') {
      const name = sendToolName(tool.name, call);
      if (names.has(name)) {
        call.warn('repaired', path);
        continue;
      }
      names.add(name);
      declarations.push(
        tool.type === 'function'
          ? encodeFunction(tool, name, { call, path, budget })
          : encodeCustom(tool, name, { call, path, budget }),
      );
    } else if (tool.type === 'hosted') {
      const entry = encodeHosted(tool, hasFunctions);
      if (entry) entries.push(entry);
      else call.warn('dropped', path);
    } else if (tool.format === 'gemini') entries.push(tool.value);
    else call.warn('vendor-only', path);
  }
  return declarations.length > 0 ? [{ functionDeclarations: declarations }, ...entries] : entries;
}

interface Place {
  call: CallContext;
  path: string;
  budget: InliningBudget;
}

function encodeFunction(tool: FunctionTool, name: string, { call, path, budget }: Place): JsonObject {
  const lowered = tool.parameters && lowerParameters(tool.parameters, budget);
  if (tool.strict === true) call.warn('dropped', `${path}.strict`);
  return {
    name,
    ...(tool.description !== null && { description: tool.description }),
    ...(lowered && { [lowered.kind === 'openapi' ? 'parameters' : 'parametersJsonSchema']: lowered.schema }),
  };
}

/** Free text becomes the one parameter of a function. */
function encodeCustom(tool: CustomTool, name: string, { call, path }: Place): JsonObject {
  call.customTools.add(tool.name);
  call.warn('approximated', path);
  return { name, description: describeCustomTool(tool), parameters: lowerSchema(CUSTOM_INPUT).schema };
}

/** Most models refuse Google's own tools beside functions, so another vendor's are not translated there. */
function encodeHosted({ kind, native }: HostedTool, hasFunctions: boolean): JsonObject | null {
  if (native.format === 'gemini') return native.value;
  return hasFunctions ? null : { [HOSTED[kind]]: {} };
}

/** https://ai.google.dev/gemini-api/docs/function-calling#function_calling_modes */
export function encodeToolConfig({ toolChoice }: NeutralRequest, call: CallContext): JsonObject | null {
  const config = toolChoice && modeOf(toolChoice, call);
  return config && { functionCallingConfig: config };
}

function modeOf(choice: ToolChoice, call: CallContext): JsonObject {
  switch (choice.type) {
    case 'auto':
      return { mode: 'AUTO' };
    case 'none':
      return { mode: 'NONE' };
    case 'required':
      return { mode: 'ANY' };
    case 'tool':
      return { mode: 'ANY', allowedFunctionNames: [sendToolName(choice.name, call)] };
    case 'allowed': {
      const allowedFunctionNames = choice.names.map((name) => sendToolName(name, call));
      return { mode: choice.required ? 'ANY' : 'VALIDATED', allowedFunctionNames };
    }
  }
}
