import type { ChatRequest, OfferedTool } from '../chat-request.ts';
import { OpenAiError } from '../openai-error.ts';
import { isObject, type JsonSchema } from '../schema-value.ts';
import type { PathFacts } from './dialect.ts';
import { isProof } from './proof.ts';

type Fields = Readonly<Record<string, unknown>>;

const KNOWN = new Set(
  'contents systemInstruction system_instruction tools toolConfig tool_config safetySettings generationConfig generation_config cachedContent labels model store'.split(
    ' ',
  ),
);
/** https://ai.google.dev/api/caching#Schema: the subset of OpenAPI that `parameters` and `responseSchema` take. */
const SCHEMA_KNOWN = new Set(
  (
    'type format title description nullable enum maxItems minItems properties required minProperties maxProperties ' +
    'minLength maxLength pattern example anyOf propertyOrdering default items minimum maximum'
  ).split(' '),
);
const NAME = /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/;

function refuse(message: string): never {
  throw new OpenAiError({ status: 400, message });
}

function checkKnown(fields: Fields, known: ReadonlySet<string>, at: string): void {
  for (const name of Object.keys(fields)) {
    if (known.has(name)) continue;
    refuse(
      `Invalid JSON payload received. Unknown name "${name}"${at === '' ? '' : ` at '${at}'`}: Cannot find field.`,
    );
  }
}

/** Checks a body as the vendor does; throws `OpenAiError` (400) that names the field. */
export function readGeminiRequest(body: unknown, path: PathFacts): ChatRequest {
  if (!isObject(body)) refuse('Invalid JSON payload received. Expected an object.');
  checkKnown(body, KNOWN, '');
  const config = fieldsOf(body['generationConfig'] ?? body['generation_config']);
  const tools = readTools(body['tools']);
  const schema = config['responseJsonSchema'] ?? config['responseSchema'] ?? null;
  if (isObject(config['responseSchema'])) checkSchema(config['responseSchema'], 'generation_config.response_schema');
  const thinking = config['thinkingConfig'];
  const isJson = config['responseMimeType'] === 'application/json';
  return {
    model: path.model ?? '',
    messages: [
      ...readSystem(body['systemInstruction'] ?? body['system_instruction']),
      ...readContents(body['contents']),
    ],
    stream: path.stream === true,
    includeUsage: true,
    choices: Number(config['candidateCount'] ?? 1),
    stop: Array.isArray(config['stopSequences']) ? (config['stopSequences'] as string[]) : [],
    maxTokens: typeof config['maxOutputTokens'] === 'number' ? config['maxOutputTokens'] : null,
    tools,
    ...readToolConfig(body['toolConfig'] ?? body['tool_config'], tools),
    parallelToolCalls: true,
    responseFormat: isObject(schema) && isJson ? 'json_schema' : isJson ? 'json_object' : 'text',
    schema: isObject(schema) ? lowerCased(schema) : null,
    reasoningEffort: isObject(thinking) && thinking['thinkingBudget'] !== 0 ? 'low' : null,
    showThoughts: isObject(thinking) && thinking['includeThoughts'] === true,
    topLogprobs: null,
  };
}

function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}

function checkSchema(schema: Fields, at: string): void {
  checkKnown(schema, SCHEMA_KNOWN, at);
  for (const [name, property] of Object.entries(fieldsOf(schema['properties']))) {
    if (isObject(property)) checkSchema(property, `${at}.properties[${name}]`);
  }
  if (isObject(schema['items'])) checkSchema(schema['items'], `${at}.items`);
  for (const branch of Array.isArray(schema['anyOf']) ? (schema['anyOf'] as unknown[]) : []) {
    if (isObject(branch)) checkSchema(branch, `${at}.any_of`);
  }
  if (Array.isArray(schema['enum']) && (schema['enum'] as unknown[]).some((value) => typeof value !== 'string')) {
    refuse(`Invalid value at '${at}.enum[0]' (TYPE_STRING)`);
  }
  if (Array.isArray(schema['type'])) refuse(`Proto field is not repeating, cannot start list at '${at}.type'.`);
}

/** `STRING` and `string` are the same to the vendor. */
function lowerCased(schema: JsonSchema): JsonSchema {
  const text = JSON.stringify(schema, (key, value: unknown) =>
    key === 'type' && typeof value === 'string' ? value.toLowerCase() : value,
  );
  return JSON.parse(text) as JsonSchema;
}

function readTools(tools: unknown): readonly OfferedTool[] {
  if (tools === undefined) return [];
  if (!Array.isArray(tools)) refuse("Invalid value at 'tools': expected a list.");
  const offered: OfferedTool[] = [];
  for (const [index, tool] of (tools as unknown[]).filter(isObject).entries()) {
    const declared = tool['functionDeclarations'] ?? tool['function_declarations'];
    for (const [at, declaration] of (Array.isArray(declared) ? (declared as unknown[]) : []).entries()) {
      const place = `tools[${index}].function_declarations[${at}]`;
      if (!isObject(declaration)) refuse(`Invalid value at '${place}'.`);
      const { name, parameters, parametersJsonSchema } = declaration;
      if (typeof name !== 'string' || !NAME.test(name)) {
        refuse(
          `* GenerateContentRequest.${place}.name: Invalid function name. Must start with a letter or an underscore.`,
        );
      }
      if (isObject(parameters)) checkSchema(parameters, `${place}.parameters`);
      const schema = isObject(parametersJsonSchema) ? parametersJsonSchema : isObject(parameters) ? parameters : {};
      offered.push({ type: 'function', name: name as string, parameters: lowerCased(schema) });
    }
  }
  return offered;
}

function readToolConfig(given: unknown, tools: readonly OfferedTool[]): Pick<ChatRequest, 'toolChoice'> {
  const config = fieldsOf(fieldsOf(given)['functionCallingConfig'] ?? fieldsOf(given)['function_calling_config']);
  const mode = String(config['mode'] ?? 'AUTO').toLowerCase();
  const names = config['allowedFunctionNames'];
  if (mode === 'none') return { toolChoice: 'none' };
  if (mode === 'any' && Array.isArray(names)) {
    const unknown = (names as unknown[]).find((name) => tools.every((tool) => tool.name !== name));
    if (unknown !== undefined) refuse(`Function name '${String(unknown)}' is not declared.`);
    const listed = (names as unknown[]).map((name) => ({ type: 'function', function: { name } }));
    return { toolChoice: { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: listed } } };
  }
  return { toolChoice: mode === 'any' ? 'required' : 'auto' };
}

function readSystem(instruction: unknown): Fields[] {
  if (instruction === undefined) return [];
  if (typeof instruction === 'string') return [{ role: 'system', content: instruction }];
  return [{ role: 'system', content: textOfParts(fieldsOf(instruction)['parts']) }];
}

function textOfParts(parts: unknown): string {
  const list = Array.isArray(parts) ? (parts as unknown[]).filter(isObject) : isObject(parts) ? [parts] : [];
  return list
    .map((part) => (typeof part['text'] === 'string' && part['thought'] !== true ? part['text'] : ''))
    .join(' ');
}

function readContents(contents: unknown): Fields[] {
  if (!Array.isArray(contents) || contents.length === 0)
    refuse('* GenerateContentRequest.contents: contents is not specified');
  const read: Fields[] = [];
  let open: string[] = [];
  for (const [index, content] of (contents as unknown[]).entries()) {
    if (!isObject(content)) refuse(`Invalid value at 'contents[${index}]'.`);
    const role = content['role'] ?? 'user';
    if (role !== 'user' && role !== 'model' && role !== 'function') {
      refuse('Please use a valid role: user, model.');
    }
    const parts = Array.isArray(content['parts']) ? (content['parts'] as unknown[]).filter(isObject) : [];
    if (parts.length === 0)
      refuse(`* GenerateContentRequest.contents[${index}].parts: contents.parts must not be empty.`);
    open = role === 'model' ? readModelTurn(parts, read) : readUserTurn(parts, open, read);
  }
  return read;
}

/** For calls that another model made: https://ai.google.dev/gemini-api/docs/thought-signatures#faqs */
const STAND_INS = ['skip_thought_signature_validator', 'context_engineering_is_the_way_to_go'];

function readModelTurn(parts: readonly Fields[], read: Fields[]): string[] {
  const calls: string[] = [];
  for (const part of parts) {
    const signature = part['thoughtSignature'] ?? part['thought_signature'];
    if (signature !== undefined && !isProof('gemini', signature) && !STAND_INS.includes(String(signature)))
      refuse('Thought signature is not valid.');
    const call = part['functionCall'] ?? part['function_call'];
    if (isObject(call)) calls.push(String(call['name']));
  }
  read.push({ role: 'assistant', content: textOfParts(parts), ...(calls.length > 0 ? { tool_calls: calls } : {}) });
  return calls;
}

function readUserTurn(parts: readonly Fields[], open: readonly string[], read: Fields[]): string[] {
  const results = parts.map((part) => part['functionResponse'] ?? part['function_response']).filter(isObject);
  if (results.length !== open.length) {
    refuse(
      'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.',
    );
  }
  for (const result of results) {
    if (!isObject(result['response'])) refuse("Invalid value at 'function_response.response': expected an object.");
    const index = open.indexOf(String(result['name']));
    if (index < 0) refuse(`Function response '${String(result['name'])}' has no call.`);
    read.push({ role: 'tool', tool_call_id: String(result['name']), content: JSON.stringify(result['response']) });
  }
  const text = textOfParts(parts);
  if (results.length === 0 || text.trim() !== '') read.push({ role: 'user', content: text });
  return [];
}
