import { readChatRequest, type ChatRequest } from '../chat-request.ts';
import { OpenAiError } from '../openai-error.ts';
import { isObject } from '../schema-value.ts';
import { isProof } from './proof.ts';

type Fields = Readonly<Record<string, unknown>>;

function refuse(param: string, message: string): never {
  throw new OpenAiError({ status: 400, message, param });
}

/** Checks a body as the vendor does; throws `OpenAiError` (400) that names the field. */
export function readResponsesRequest(body: unknown): ChatRequest {
  if (!isObject(body)) throw new OpenAiError({ status: 400, message: 'The request body is not an object.' });
  if (body['messages'] !== undefined) {
    refuse('messages', "Unsupported parameter: 'messages'. In the Responses API, this parameter has moved to 'input'.");
  }
  const maximum = body['max_output_tokens'];
  if (typeof maximum === 'number' && maximum < 16) {
    refuse(
      'max_output_tokens',
      `Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got ${maximum} instead.`,
    );
  }
  const include = Array.isArray(body['include']) ? (body['include'] as unknown[]) : [];
  const reasoning = isObject(body['reasoning']) ? body['reasoning'] : null;
  const instructions = body['instructions'];
  const system = typeof instructions === 'string' ? [{ role: 'developer', content: instructions }] : [];
  // Behind its own shape the vendor holds the same rules as for chat.
  const chat = readChatRequest({
    model: body['model'],
    messages: [...system, ...readInput(body['input'])],
    ...copied(body, ['temperature', 'top_p', 'stream', 'parallel_tool_calls']),
    ...readTools(body),
    ...readFormat(body),
  });
  return {
    ...chat,
    maxTokens: typeof maximum === 'number' ? maximum : null,
    reasoningEffort: reasoning === null ? null : String(reasoning['effort'] ?? 'medium'),
    showThoughts: typeof reasoning?.['summary'] === 'string',
    wantsEncrypted: include.includes('reasoning.encrypted_content'),
  };
}

function copied(body: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.filter((name) => body[name] !== undefined).map((name) => [name, body[name]]));
}

function readTools(body: Fields): Fields {
  if (!Array.isArray(body['tools']) || body['tools'].length === 0) return {};
  const tools = (body['tools'] as unknown[])
    .filter(isObject)
    .filter(({ type }) => type === 'function' || type === 'custom')
    .map(({ type, ...definition }) => ({ type, [type as string]: definition }));
  if (tools.length === 0) return {};
  return { tools, ...(body['tool_choice'] === undefined ? {} : { tool_choice: readChoice(body['tool_choice']) }) };
}

function readChoice(choice: unknown): unknown {
  if (!isObject(choice)) return choice;
  if (choice['type'] === 'allowed_tools') {
    const tools = Array.isArray(choice['tools']) ? (choice['tools'] as unknown[]).filter(isObject) : [];
    return { type: 'allowed_tools', allowed_tools: { mode: choice['mode'], tools: tools.map(readChoice) } };
  }
  return { type: choice['type'], [String(choice['type'])]: { name: choice['name'] } };
}

function readFormat(body: Fields): Fields {
  const format = isObject(body['text']) ? body['text']['format'] : null;
  if (!isObject(format) || format['type'] === 'text') return {};
  if (format['type'] === 'json_object') return { response_format: format };
  const { type, ...described } = format;
  return { response_format: { type, json_schema: described } };
}

const MESSAGE_PARTS = new Set([
  'input_text',
  'output_text',
  'input_image',
  'input_file',
  'input_audio',
  'refusal',
  'text',
]);

function readInput(input: unknown): Fields[] {
  if (typeof input === 'string') return [{ role: 'user', content: input }];
  if (!Array.isArray(input)) refuse('input', "Missing required parameter: 'input'.");
  const read: Fields[] = [];
  for (const [index, item] of (input as unknown[]).entries()) {
    const path = `input[${index}]`;
    if (!isObject(item)) refuse(path, `Invalid type for '${path}': expected an object.`);
    const type = item['type'] ?? 'message';
    if (type === 'message') read.push(readMessage(item, path));
    else if (type === 'function_call' || type === 'custom_tool_call')
      read.push({ role: 'assistant', content: null, tool_calls: [{ id: item['call_id'] }] });
    else if (type === 'function_call_output' || type === 'custom_tool_call_output')
      read.push(readOutput(item, path, read));
    else if (type === 'reasoning') checkReasoning(item, index);
    else if (type !== 'item_reference') {
      refuse(`${path}.type`, `Invalid value: '${String(type)}'. Supported values are: 'message', 'function_call', …`);
    }
  }
  return read;
}

function readMessage(item: Fields, path: string): Fields {
  const { role, content } = item;
  if (typeof content === 'string') return { role, content };
  if (!Array.isArray(content)) refuse(`${path}.content`, `Invalid type for '${path}.content'.`);
  const texts = (content as unknown[]).map((part, at) => {
    if (!isObject(part) || !MESSAGE_PARTS.has(String(part['type']))) {
      refuse(`${path}.content[${at}].type`, `Invalid value: '${isObject(part) ? String(part['type']) : ''}'.`);
    }
    const wanted = role === 'assistant' ? 'output_text' : 'input_text';
    const foreign = role === 'assistant' ? 'input_text' : 'output_text';
    if (part['type'] === foreign) {
      refuse(`${path}.content[${at}]`, `Invalid value: '${foreign}'. Supported values are: '${wanted}'.`);
    }
    return typeof part['text'] === 'string' ? part['text'] : '';
  });
  return { role, content: texts.join(' ') };
}

function readOutput(item: Fields, path: string, read: readonly Fields[]): Fields {
  const id = item['call_id'];
  const isKnown = read.some((message) => JSON.stringify(message['tool_calls'] ?? []).includes(JSON.stringify(id)));
  if (!isKnown) refuse(`${path}.call_id`, `No tool call found for function call output with call_id ${String(id)}.`);
  const output = item['output'];
  return { role: 'tool', tool_call_id: id, content: typeof output === 'string' ? output : JSON.stringify(output) };
}

function checkReasoning(item: Fields, index: number): void {
  const encrypted = item['encrypted_content'];
  if (encrypted === undefined || encrypted === null || isProof('openai', encrypted)) return;
  const message = `The encrypted content for item ${String(item['id'])} could not be verified.`;
  throw new OpenAiError({
    status: 400,
    message,
    param: `input[${index}].encrypted_content`,
    code: 'invalid_encrypted_content',
  });
}
