import { OpenAiError } from './openai-error.ts';
import { isObject, type JsonSchema } from './schema-value.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface OfferedTool {
  type: 'function' | 'custom';
  name: string;
  parameters: JsonSchema;
}

/** What of a chat completion request steers the answer. Fields the sandbox does not know are accepted and ignored. */
export interface ChatRequest {
  model: string;
  messages: readonly Fields[];
  stream: boolean;
  includeUsage: boolean;
  choices: number;
  stop: readonly string[];
  maxTokens: number | null;
  tools: readonly OfferedTool[];
  toolChoice: unknown;
  parallelToolCalls: boolean;
  responseFormat: 'text' | 'json_object' | 'json_schema';
  schema: JsonSchema | null;
  reasoningEffort: string | null;
  topLogprobs: number | null;
  /** Thoughts are shown (Gemini's includeThoughts, a summary of OpenAI's). */
  showThoughts?: boolean;
  /** Reasoning is given out encrypted. */
  wantsEncrypted?: boolean;
}

const ROLES = ['system', 'assistant', 'user', 'function', 'tool', 'developer'];
const TYPES = new Map<string, (value: unknown) => boolean>([
  ['a string', (value) => typeof value === 'string'],
  ['a boolean', (value) => typeof value === 'boolean'],
  ['an integer', (value) => Number.isInteger(value)],
  ['a decimal', (value) => typeof value === 'number'],
  ['an array', (value) => Array.isArray(value)],
  ['an object', isObject],
]);

function nameOfType(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal';
  return [...TYPES].find(([, fits]) => fits(value))?.[0] ?? 'an unknown value';
}

function refuse(param: string, code: string | undefined, message: string): never {
  throw new OpenAiError({ status: 400, message, param, ...(code === undefined ? {} : { code }) });
}

function requireType(value: unknown, param: string, expected: string): void {
  if (TYPES.get(expected)?.(value)) return;
  const got = nameOfType(value);
  refuse(param, 'invalid_type', `Invalid type for '${param}': expected ${expected}, but got ${got} instead.`);
}

function given(fields: Fields, name: string): boolean {
  return fields[name] !== undefined && fields[name] !== null;
}

function numberBetween(fields: Fields, name: string, kind: 'integer' | 'decimal', low: number, high: number): void {
  if (!given(fields, name)) return;
  const value = fields[name];
  requireType(value, name, kind === 'integer' ? 'an integer' : 'a decimal');
  const number = value as number;
  const [side, sign, bound] = number < low ? ['below_min', '>=', low] : ['above_max', '<=', high];
  if (number >= low && number <= high) return;
  const words = side === 'below_min' ? 'below minimum value' : 'above maximum value';
  const expectation = `Expected a value ${sign} ${bound}, but got ${number} instead.`;
  refuse(name, `${kind}_${side}_value`, `Invalid '${name}': ${kind} ${words}. ${expectation}`);
}

function checkMessage(message: unknown, index: number, called: Set<string>): asserts message is Fields {
  const param = `messages[${index}]`;
  if (!isObject(message)) requireType(message, param, 'an object');
  const fields = message as Fields;
  if (!given(fields, 'role')) {
    refuse(`${param}.role`, 'missing_required_parameter', `Missing required parameter: '${param}.role'.`);
  }
  const role = fields['role'];
  if (!ROLES.includes(String(role))) {
    const supported = ROLES.map((name) => `'${name}'`).join(', ');
    refuse(`${param}.role`, 'invalid_value', `Invalid value: '${String(role)}'. Supported values are: ${supported}.`);
  }
  const content = fields['content'];
  const mayLackContent = role === 'assistant';
  if (content === undefined || content === null) {
    if (!mayLackContent) {
      const got = content === null ? 'null' : 'nothing';
      const sentence = `Invalid value for 'content': expected a string, got ${got}.`;
      refuse(`messages.[${index}].content`, undefined, sentence);
    }
  } else if (typeof content !== 'string' && !Array.isArray(content)) {
    const expected = 'one of a string or array of objects';
    const got = nameOfType(content);
    const sentence = `Invalid type for '${param}.content': expected ${expected}, but got ${got} instead.`;
    refuse(`${param}.content`, 'invalid_type', sentence);
  }
  checkToolLinks(fields, index, called);
}

function checkToolLinks(fields: Fields, index: number, called: Set<string>): void {
  for (const call of Array.isArray(fields['tool_calls']) ? (fields['tool_calls'] as unknown[]) : []) {
    if (isObject(call)) called.add(String(call['id']));
  }
  if (fields['role'] !== 'tool' || called.has(String(fields['tool_call_id']))) return;
  const message = "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
  refuse(`messages.[${index}].role`, undefined, `Invalid parameter: ${message}`);
}

function checkMessages(fields: Fields): readonly Fields[] {
  if (!given(fields, 'messages')) {
    refuse('messages', 'missing_required_parameter', "Missing required parameter: 'messages'.");
  }
  requireType(fields['messages'], 'messages', 'an array');
  const messages = fields['messages'] as unknown[];
  if (messages.length === 0) {
    const expectation = 'Expected an array with minimum length 1, but got an empty array instead.';
    refuse('messages', 'empty_array', `Invalid 'messages': empty array. ${expectation}`);
  }
  const called = new Set<string>();
  messages.forEach((message, index) => checkMessage(message, index, called));
  return messages as Fields[];
}

function readTool(tool: unknown, index: number): OfferedTool {
  const param = `tools[${index}]`;
  if (!isObject(tool)) requireType(tool, param, 'an object');
  const fields = tool as Fields;
  const type = fields['type'];
  if (type !== 'function' && type !== 'custom') {
    const got = String(type);
    refuse(`${param}.type`, 'invalid_value', `Invalid value: '${got}'. Supported values are: 'function' and 'custom'.`);
  }
  const definition = isObject(fields[type]) ? fields[type] : {};
  const name = definition['name'];
  if (name === undefined) {
    const path = `${param}.${type}.name`;
    refuse(path, 'missing_required_parameter', `Missing required parameter: '${path}'.`);
  }
  if (typeof name !== 'string' || !/^[a-zA-Z0-9_-]+$/.test(name)) {
    const path = `${param}.${type}.name`;
    const pattern = "Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.";
    refuse(path, 'invalid_value', `Invalid '${path}': string does not match pattern. ${pattern}`);
  }
  return { type, name, parameters: isObject(definition['parameters']) ? definition['parameters'] : {} };
}

function checkTools(fields: Fields): readonly OfferedTool[] {
  if (!given(fields, 'tools')) {
    for (const name of ['tool_choice', 'parallel_tool_calls']) {
      if (!given(fields, name) || fields[name] === 'none') continue;
      refuse(name, undefined, `Invalid value for '${name}': '${name}' is only allowed when 'tools' are specified.`);
    }
    return [];
  }
  requireType(fields['tools'], 'tools', 'an array');
  return (fields['tools'] as unknown[]).map(readTool);
}

function checkResponseFormat(
  fields: Fields,
  messages: readonly Fields[],
): Pick<ChatRequest, 'responseFormat' | 'schema'> {
  if (!given(fields, 'response_format')) return { responseFormat: 'text', schema: null };
  requireType(fields['response_format'], 'response_format', 'an object');
  const format = fields['response_format'] as Fields;
  if (format['type'] === 'text') return { responseFormat: 'text', schema: null };
  if (format['type'] === 'json_object') {
    if (!/json/i.test(JSON.stringify(messages))) {
      const message =
        "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
      refuse('messages', undefined, message);
    }
    return { responseFormat: 'json_object', schema: null };
  }
  if (format['type'] !== 'json_schema') {
    const supported = "'json_object', 'json_schema', and 'text'";
    const message = `Invalid value: '${String(format['type'])}'. Supported values are: ${supported}.`;
    refuse('response_format.type', 'invalid_value', message);
  }
  const described = isObject(format['json_schema']) ? format['json_schema'] : {};
  for (const name of ['name', 'schema']) {
    const path = `response_format.json_schema.${name}`;
    if (!given(described, name)) refuse(path, 'missing_required_parameter', `Missing required parameter: '${path}'.`);
  }
  return { responseFormat: 'json_schema', schema: isObject(described['schema']) ? described['schema'] : {} };
}

function checkLimits(fields: Fields): void {
  numberBetween(fields, 'temperature', 'decimal', 0, 2);
  numberBetween(fields, 'top_p', 'decimal', 0, 1);
  numberBetween(fields, 'presence_penalty', 'decimal', -2, 2);
  numberBetween(fields, 'frequency_penalty', 'decimal', -2, 2);
  numberBetween(fields, 'n', 'integer', 1, 128);
  numberBetween(fields, 'max_tokens', 'integer', 1, 1_000_000);
  numberBetween(fields, 'max_completion_tokens', 'integer', 1, 1_000_000);
  numberBetween(fields, 'top_logprobs', 'integer', 0, 20);
  if (given(fields, 'max_tokens') && given(fields, 'max_completion_tokens')) {
    const message = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.";
    refuse('max_tokens', 'invalid_parameter_combination', message);
  }
  if (given(fields, 'top_logprobs') && fields['logprobs'] !== true) {
    refuse('top_logprobs', undefined, "'top_logprobs' is only allowed when 'logprobs' is enabled.");
  }
  if (given(fields, 'stream')) requireType(fields['stream'], 'stream', 'a boolean');
  if (given(fields, 'stream_options') && fields['stream'] !== true) {
    refuse('stream_options', undefined, "The 'stream_options' parameter is only allowed when 'stream' is enabled.");
  }
}

function checkStop(fields: Fields): readonly string[] {
  if (!given(fields, 'stop')) return [];
  const stop = typeof fields['stop'] === 'string' ? [fields['stop']] : fields['stop'];
  requireType(stop, 'stop', 'an array');
  const sequences = stop as unknown[];
  sequences.forEach((sequence, index) => requireType(sequence, `stop[${index}]`, 'a string'));
  if (sequences.length > 4) {
    const expectation = `Expected an array with maximum length 4, but got an array with length ${sequences.length} instead.`;
    refuse('stop', 'array_above_max_length', `Invalid 'stop': array too long. ${expectation}`);
  }
  return (sequences as string[]).filter(Boolean);
}

/** Checks a body as the vendor does; throws `OpenAiError` (400) that names the field. */
export function readChatRequest(body: unknown): ChatRequest {
  if (!isObject(body))
    throw new OpenAiError({ status: 400, message: 'Invalid type for the request body: expected an object.' });
  if (!given(body, 'model')) throw new OpenAiError({ status: 400, message: 'you must provide a model parameter' });
  requireType(body['model'], 'model', 'a string');
  const messages = checkMessages(body);
  checkLimits(body);
  const tools = checkTools(body);
  const options = isObject(body['stream_options']) ? body['stream_options'] : {};
  const maxTokens = body['max_completion_tokens'] ?? body['max_tokens'];
  return {
    model: body['model'] as string,
    messages,
    stream: body['stream'] === true,
    includeUsage: options['include_usage'] === true,
    choices: typeof body['n'] === 'number' ? body['n'] : 1,
    stop: checkStop(body),
    maxTokens: typeof maxTokens === 'number' ? maxTokens : null,
    tools,
    toolChoice: body['tool_choice'] ?? 'auto',
    parallelToolCalls: body['parallel_tool_calls'] !== false,
    ...checkResponseFormat(body, messages),
    reasoningEffort: typeof body['reasoning_effort'] === 'string' ? body['reasoning_effort'] : null,
    topLogprobs: body['logprobs'] === true ? Number(body['top_logprobs'] ?? 0) : null,
  };
}
