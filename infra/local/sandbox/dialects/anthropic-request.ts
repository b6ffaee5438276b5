import type { ChatRequest, OfferedTool } from '../chat-request.ts';
import { OpenAiError } from '../openai-error.ts';
import { isObject } from '../schema-value.ts';
import { isProof } from './proof.ts';

type Fields = Readonly<Record<string, unknown>>;

/** https://docs.claude.com/en/api/messages; anything else is refused as the vendor refuses it. */
const KNOWN = new Set(
  (
    'model messages max_tokens system metadata stop_sequences stream temperature top_k top_p tools tool_choice thinking ' +
    'service_tier container context_management mcp_servers output_config cache_control betas inference_geo'
  ).split(' '),
);
const TOOL_NAME = /^[a-zA-Z0-9_-]{1,128}$/;
const CALL_ID = /^[a-zA-Z0-9_-]+$/;

function refuse(path: string, message: string): never {
  throw new OpenAiError({ status: 400, message: `${path}: ${message}`, param: path });
}

/** Checks a body as the vendor does; throws `OpenAiError` (400) that names the field. */
export function readAnthropicRequest(body: unknown, { counts = false } = {}): ChatRequest {
  if (!isObject(body)) throw new OpenAiError({ status: 400, message: 'The request body is not an object' });
  for (const name of Object.keys(body)) if (!KNOWN.has(name)) refuse(name, 'Extra inputs are not permitted');
  if (typeof body['model'] !== 'string') refuse('model', 'Field required');
  const maxTokens = body['max_tokens'];
  if (!counts && !(Number.isInteger(maxTokens) && Number(maxTokens) >= 1)) refuse('max_tokens', 'Field required');
  const thinking = readThinking(body, Number(maxTokens ?? Infinity));
  checkSampling(body, thinking);
  const { schema, tools } = { schema: readSchema(body), tools: readTools(body) };
  return {
    model: body['model'] as string,
    messages: [...readSystem(body['system']), ...readMessages(body['messages'], thinking)],
    stream: body['stream'] === true,
    includeUsage: true,
    choices: 1,
    stop: Array.isArray(body['stop_sequences']) ? (body['stop_sequences'] as string[]) : [],
    maxTokens: counts ? null : Number(maxTokens),
    tools,
    toolChoice: readToolChoice(body['tool_choice'], tools),
    parallelToolCalls: !isObject(body['tool_choice']) || body['tool_choice']['disable_parallel_tool_use'] !== true,
    responseFormat: schema === null ? 'text' : 'json_schema',
    schema,
    reasoningEffort: thinking ? 'low' : null,
    topLogprobs: null,
  };
}

function readThinking(body: Fields, maxTokens: number): boolean {
  const thinking = body['thinking'];
  if (thinking === undefined) return false;
  if (!isObject(thinking)) refuse('thinking', 'Input should be an object');
  const { type, budget_tokens: budget } = thinking as { type?: unknown; budget_tokens?: unknown };
  if (type === 'disabled') return false;
  if (type === 'adaptive') return true;
  if (type !== 'enabled') refuse('thinking.type', "Input should be 'enabled', 'disabled' or 'adaptive'");
  if (!(Number(budget) >= 1024))
    refuse('thinking.enabled.budget_tokens', 'Input should be greater than or equal to 1024');
  if (Number(budget) >= maxTokens) refuse('max_tokens', '`max_tokens` must be greater than `thinking.budget_tokens`.');
  return true;
}

function checkSampling(body: Fields, thinking: boolean): void {
  const temperature = body['temperature'];
  if (temperature !== undefined && !(Number(temperature) >= 0 && Number(temperature) <= 1)) {
    refuse('temperature', 'range: 0..1');
  }
  if (!thinking) return;
  if (temperature !== undefined && temperature !== 1) {
    refuse('temperature', '`temperature` may only be set to 1 when thinking is enabled.');
  }
  if (body['top_k'] !== undefined) refuse('top_k', '`top_k` must be unset when thinking is enabled.');
  const choice = body['tool_choice'];
  if (isObject(choice) && (choice['type'] === 'any' || choice['type'] === 'tool')) {
    refuse('tool_choice', 'Thinking may not be enabled when tool_choice forces tool use.');
  }
}

function readSchema(body: Fields): Fields | null {
  const config = body['output_config'];
  const format = isObject(config) ? config['format'] : null;
  if (!isObject(format)) return null;
  if (format['type'] !== 'json_schema' || !isObject(format['schema'])) {
    refuse('output_config.format', "Input should be {type: 'json_schema', schema}");
  }
  return format['schema'] as Fields;
}

function readTools(body: Fields): readonly OfferedTool[] {
  const tools = body['tools'];
  if (tools === undefined) {
    if (body['tool_choice'] !== undefined)
      refuse('tool_choice', '`tool_choice` may only be specified while providing `tools`.');
    return [];
  }
  if (!Array.isArray(tools)) refuse('tools', 'Input should be a valid list');
  const names = new Set<string>();
  const offered: OfferedTool[] = [];
  for (const [index, tool] of (tools as unknown[]).entries()) {
    if (!isObject(tool)) refuse(`tools.${index}`, 'Input should be an object');
    const { type, name } = tool;
    if (type !== undefined && type !== 'custom') continue;
    if (typeof name !== 'string' || !TOOL_NAME.test(name)) {
      refuse(`tools.${index}.custom.name`, `String should match pattern '${TOOL_NAME.source}'`);
    }
    if (names.has(name as string)) refuse('tools', 'Tool names must be unique.');
    names.add(name as string);
    const schema = tool['input_schema'];
    if (!isObject(schema) || schema['type'] !== 'object') {
      refuse(`tools.${index}.custom.input_schema.type`, "Input should be 'object'");
    }
    offered.push({ type: 'function', name: name as string, parameters: schema as Fields });
  }
  return offered;
}

function readToolChoice(choice: unknown, tools: readonly OfferedTool[]): unknown {
  if (!isObject(choice)) return 'auto';
  if (choice['type'] === 'any') return 'required';
  if (choice['type'] !== 'tool') return choice['type'] ?? 'auto';
  if (!tools.some(({ name }) => name === choice['name']))
    refuse('tool_choice', `Tool '${String(choice['name'])}' not found`);
  return { type: 'function', function: { name: choice['name'] } };
}

function readSystem(system: unknown): Fields[] {
  if (system === undefined) return [];
  return [{ role: 'system', content: textOfBlocks(system, 'system') }];
}

function textOfBlocks(content: unknown, path: string): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) refuse(path, 'Input should be a valid string or list');
  return (content as unknown[])
    .map((block, index) => {
      if (!isObject(block)) refuse(`${path}.${index}`, 'Input should be an object');
      if (block['type'] === 'text' && block['text'] === '') {
        refuse(path, 'text content blocks must be non-empty');
      }
      return typeof block['text'] === 'string' ? block['text'] : '';
    })
    .join(' ');
}

function readMessages(messages: unknown, thinking: boolean): Fields[] {
  if (!Array.isArray(messages) || messages.length === 0) refuse('messages', 'at least one message is required');
  const read: Fields[] = [];
  let open: string[] = [];
  for (const [index, message] of (messages as unknown[]).entries()) {
    const path = `messages.${index}`;
    if (!isObject(message)) refuse(path, 'Input should be an object');
    const { role, content } = message;
    if (role !== 'user' && role !== 'assistant') refuse(`${path}.role`, "Input should be 'user' or 'assistant'");
    const blocks = Array.isArray(content) ? (content as unknown[]) : [{ type: 'text', text: content }];
    if (blocks.length === 0 && index < messages.length - 1) refuse(path, 'all messages must have non-empty content');
    if (role === 'assistant') {
      open = readAssistant(blocks, path, { thinking, read });
      continue;
    }
    readUser(blocks, { path, open, read });
    open = [];
  }
  if (open.length > 0 && (messages as unknown[]).length > 0) {
    refuse(
      `messages.${messages.length - 1}`,
      `\`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(', ')}.`,
    );
  }
  return read;
}

function readAssistant(
  blocks: readonly unknown[],
  path: string,
  { thinking, read }: { thinking: boolean; read: Fields[] },
): string[] {
  const calls: string[] = [];
  for (const [at, block] of blocks.entries()) {
    const place = `${path}.content.${at}`;
    if (!isObject(block)) refuse(place, 'Input should be an object');
    if (block['type'] === 'text' && block['text'] === '') refuse(path, 'text content blocks must be non-empty');
    if (block['type'] === 'thinking' && !isProof('anthropic', block['signature'])) {
      refuse(place, 'Invalid `signature` in `thinking` block');
    }
    if (block['type'] !== 'tool_use') continue;
    if (typeof block['id'] !== 'string' || !CALL_ID.test(block['id'])) {
      refuse(`${place}.tool_use.id`, `String should match pattern '${CALL_ID.source}'`);
    }
    if (!isObject(block['input'])) refuse(`${place}.tool_use.input`, 'Input should be a valid dictionary');
    calls.push(block['id'] as string);
  }
  const leads = isObject(blocks[0]) && String(blocks[0]['type']).endsWith('thinking');
  if (
    thinking &&
    calls.length > 0 &&
    !leads &&
    blocks.some((block) => isObject(block) && block['type'] === 'thinking')
  ) {
    refuse(`${path}.content.0.type`, 'Expected `thinking` or `redacted_thinking`, but found another block.');
  }
  const toolCalls = blocks.filter((block) => isObject(block) && block['type'] === 'tool_use');
  read.push({
    role: 'assistant',
    content: blocks
      .map((block) => (isObject(block) && typeof block['text'] === 'string' ? block['text'] : ''))
      .join(''),
    ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
  });
  return calls;
}

function readUser(
  blocks: readonly unknown[],
  { path, open, read }: { path: string; open: readonly string[]; read: Fields[] },
): void {
  const answered: string[] = [];
  const texts: string[] = [];
  for (const [at, block] of blocks.entries()) {
    const place = `${path}.content.${at}`;
    if (!isObject(block)) refuse(place, 'Input should be an object');
    if (block['type'] === 'tool_result') {
      const id = String(block['tool_use_id']);
      if (!open.includes(id)) {
        refuse(
          place,
          `unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
        );
      }
      if (answered.includes(id)) refuse(place, 'each tool_use must have a single result.');
      answered.push(id);
      const content = block['content'] === undefined ? '' : textOfBlocks(block['content'], place);
      read.push({ role: 'tool', tool_call_id: id, content });
    } else if (block['type'] === 'text') {
      if (typeof block['text'] !== 'string' || block['text'] === '')
        refuse(path, 'text content blocks must be non-empty');
      texts.push(block['text'] as string);
    } else if (block['type'] !== 'image' && block['type'] !== 'document') {
      refuse(place, `Input tag '${String(block['type'])}' found using 'type' does not match any of the expected tags`);
    }
  }
  const missing = open.filter((id) => !answered.includes(id));
  if (missing.length > 0) {
    refuse(
      path,
      `\`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
    );
  }
  if (texts.length > 0 || answered.length === 0) read.push({ role: 'user', content: texts.join(' ') });
}
