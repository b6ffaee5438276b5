import { type Json, type JsonObject } from '../../../neutral/json.ts';
import type { HostedTool, NeutralTool, ToolChoice } from '../../../neutral/request.ts';
import type { Warn } from '../../../neutral/warning.ts';
import { asArray, asBoolean, asObject, asOneOf, asString, asText, optional, pathOf } from '../../reading.ts';
import { RESPONSES } from '../wire.ts';
import { flatName } from './namespaces.ts';

/** Tools that the vendor runs and that other vendors run too. */
const HOSTED: Readonly<Record<string, HostedTool['kind']>> = {
  web_search: 'web-search',
  web_search_2025_08_26: 'web-search',
  web_search_preview: 'web-search',
  web_search_preview_2025_03_11: 'web-search',
  code_interpreter: 'code-execution',
};

/** Tools of namespaces stand flat among the others; a tool that is declared twice stands once. */
export function decodeTools(tools: unknown, path: string, warn: Warn): NeutralTool[] {
  const decoded: NeutralTool[] = [];
  for (const [index, value] of asArray(tools, path).entries()) {
    const toolPath = pathOf(path, index);
    decoded.push(...decodeTool(asObject(value, toolPath), toolPath, warn));
  }
  return decoded;
}

/** The first of each name; order matters to prompt caches. */
export function withoutRepeats(tools: NeutralTool[], warn: Warn): NeutralTool[] {
  const names = new Set<string>();
  return tools.filter((tool) => {
    if (tool.type !== 'function' && tool.type !== 'custom') return true;
    const isNew = !names.has(tool.name);
    if (!isNew) warn('repaired', `tools.${tool.name}`);
    names.add(tool.name);
    return isNew;
  });
}

function decodeTool(tool: JsonObject, path: string, warn: Warn): NeutralTool[] {
  const type = asText(tool['type'], pathOf(path, 'type'));
  if (type === 'namespace') return decodeNamespace(tool, path, warn);
  const kind = Object.hasOwn(HOSTED, type) ? HOSTED[type] : undefined;
  if (kind !== undefined) return [{ type: 'hosted', kind, native: { format: RESPONSES, value: tool } }];
  return [decodeOwnTool(tool, path, null)];
}

function decodeNamespace(tool: JsonObject, path: string, warn: Warn): NeutralTool[] {
  const namespace = asText(tool['name'], pathOf(path, 'name'));
  // What a namespace says about all of its tools has no place once they are flat.
  if (typeof tool['description'] === 'string' && tool['description'] !== '') warn('approximated', path);
  const toolsPath = pathOf(path, 'tools');
  return asArray(tool['tools'], toolsPath).map((member, index) => {
    const memberPath = pathOf(toolsPath, index);
    return decodeOwnTool(asObject(member, memberPath), memberPath, namespace);
  });
}

function decodeOwnTool(tool: JsonObject, path: string, namespace: string | null): NeutralTool {
  const type = asText(tool['type'], pathOf(path, 'type'));
  if (type !== 'function' && type !== 'custom') return { type: 'vendor', format: RESPONSES, value: tool };
  const ownName = asText(tool['name'], pathOf(path, 'name'));
  const name = namespace === null ? ownName : flatName(namespace, ownName);
  const description = optional(tool, 'description', asString, path);
  if (type === 'custom') return { type, name, description, grammar: optional(tool, 'format', asObject, path) };
  return {
    type,
    name,
    description,
    parameters: optional(tool, 'parameters', asObject, path),
    strict: optional(tool, 'strict', asBoolean, path),
  };
}

/**
 * Null for a choice of a tool that the vendor runs: it stays among the extras, since no other format knows it.
 */
export function decodeToolChoice(choice: Json, path: string): ToolChoice | null {
  if (typeof choice === 'string') return { type: asOneOf(choice, ['auto', 'none', 'required'] as const, path) };
  const value = asObject(choice, path);
  switch (asText(value['type'], pathOf(path, 'type'))) {
    case 'function':
    case 'custom':
      return { type: 'tool', name: toolName(value, path) };
    case 'allowed_tools':
      return decodeAllowed(value, path);
    default:
      return null;
  }
}

function decodeAllowed(value: JsonObject, path: string): ToolChoice {
  const required = asOneOf(value['mode'] ?? 'auto', ['auto', 'required'] as const, pathOf(path, 'mode')) === 'required';
  const toolsPath = pathOf(path, 'tools');
  const names: string[] = [];
  for (const [index, tool] of asArray(value['tools'], toolsPath).entries()) {
    const entryPath = pathOf(toolsPath, index);
    const entry = asObject(tool, entryPath);
    if (entry['type'] === 'function' || entry['type'] === 'custom') names.push(toolName(entry, entryPath));
  }
  return { type: 'allowed', names, required };
}

function toolName(value: JsonObject, path: string): string {
  const name = asText(value['name'], pathOf(path, 'name'));
  const namespace = optional(value, 'namespace', asText, path);
  return namespace === null ? name : flatName(namespace, name);
}
