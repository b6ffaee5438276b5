import type { JsonObject } from '../../../neutral/json.ts';
import type { FunctionTool, HostedTool, NeutralTool, ToolChoice } from '../../../neutral/request.ts';
import type { ClientContext } from '../../codec.ts';
import { asArray, asObject, asOneOf, asString, asText, pathOf } from '../../reading.ts';
import { asList, camelOf, field, optionalField } from './fields.ts';
import { raiseSchema } from './raise-schema.ts';

/** Tools that Google runs itself, by the member that declares them. */
const HOSTED: Readonly<Record<string, HostedTool['kind']>> = {
  googleSearch: 'web-search',
  googleSearchRetrieval: 'web-search',
  urlContext: 'web-fetch',
  codeExecution: 'code-execution',
};

/** Each entry may declare functions and hosted tools side by side. */
export function decodeTools(body: JsonObject, client: Pick<ClientContext, 'warn'>): NeutralTool[] {
  const entries = optionalField(body, 'tools', asList) ?? [];
  return entries.flatMap((entry, index) => {
    const path = pathOf('tools', index);
    return Object.keys(entry).flatMap((key) => (entry[key] == null ? [] : decodeEntry(entry, key, { path, client })));
  });
}

interface Place {
  path: string;
  client: Pick<ClientContext, 'warn'>;
}

function decodeEntry(entry: JsonObject, key: string, { path, client }: Place): NeutralTool[] {
  const name = camelOf(key);
  if (name === 'functionDeclarations') {
    const at = pathOf(path, name);
    return asList(entry[key], at).map((declaration, index) =>
      decodeFunction(declaration, { path: pathOf(at, index), client }),
    );
  }
  const value = { [name]: entry[key] ?? null };
  const kind = HOSTED[name];
  if (kind) return [{ type: 'hosted', kind, native: { format: 'gemini', value } }];
  return [{ type: 'vendor', format: 'gemini', value }];
}

/** What a function answers with, and how it may be called, steer Google's live API and nothing else. */
const UNKEPT = ['response', 'responseJsonSchema', 'behavior'];

function decodeFunction(declaration: JsonObject, { path, client }: Place): FunctionTool {
  for (const name of UNKEPT) if (field(declaration, name) != null) client.warn('vendor-only', `tools[].${name}`);
  const jsonSchema = optionalField(declaration, 'parametersJsonSchema', asObject, path);
  const parameters = optionalField(declaration, 'parameters', asObject, path);
  return {
    type: 'function',
    name: asText(field(declaration, 'name'), pathOf(path, 'name')),
    description: optionalField(declaration, 'description', asString, path) || null,
    parameters: jsonSchema ?? (parameters && raiseSchema(parameters)),
    strict: null,
  };
}

const MODES = ['AUTO', 'ANY', 'NONE', 'VALIDATED', 'MODE_UNSPECIFIED'] as const;

/** https://ai.google.dev/api/caching#FunctionCallingConfig */
export function decodeToolChoice(body: JsonObject): ToolChoice | null {
  const toolConfig = optionalField(body, 'toolConfig', asObject);
  const path = 'toolConfig.functionCallingConfig';
  const config = toolConfig && optionalField(toolConfig, 'functionCallingConfig', asObject, 'toolConfig');
  if (!config) return null;
  const given = optionalField(config, 'mode', asText, path)?.toUpperCase() ?? null;
  const mode = given === null ? 'AUTO' : asOneOf(given, MODES, pathOf(path, 'mode'));
  const namesPath = pathOf(path, 'allowedFunctionNames');
  const names = (optionalField(config, 'allowedFunctionNames', asArray, path) ?? []).map((name, index) =>
    asText(name, pathOf(namesPath, index)),
  );
  if (mode === 'NONE') return { type: 'none' };
  if (mode === 'ANY') return requiredOf(names);
  return names.length > 0 ? { type: 'allowed', names, required: false } : { type: 'auto' };
}

function requiredOf(names: string[]): ToolChoice {
  if (names.length === 0) return { type: 'required' };
  return names.length === 1 ? { type: 'tool', name: names[0] as string } : { type: 'allowed', names, required: true };
}
