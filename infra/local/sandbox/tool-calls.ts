import type { ChatRequest, OfferedTool } from './chat-request.ts';
import { OpenAiError } from './openai-error.ts';
import { isObject, writeSchemaValue } from './schema-value.ts';
import { createRandom, hexOf, pickWord } from './text.ts';

export interface ToolCall {
  id: string;
  type: 'function' | 'custom';
  name: string;
  /** JSON for a function, free text for a custom tool. */
  input: string;
}

/** Verbs that open many tools' names and say nothing about what is asked for. */
const EMPTY_WORDS = new Set(['get', 'set', 'list', 'fetch', 'find', 'search', 'lookup', 'run', 'call', 'the', 'tool']);

export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .filter(isObject)
    .map((part) => (typeof part['text'] === 'string' ? part['text'] : ''))
    .join(' ');
}

function isAskedFor(tool: OfferedTool, text: string): boolean {
  if (text.includes(tool.name.toLowerCase())) return true;
  const words = tool.name
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[\s_-]+/)
    .filter((word) => word.length >= 3 && !EMPTY_WORDS.has(word));
  return words.some((word) => new RegExp(`\\b${word}s?\\b`).test(text));
}

function namedTool(choice: Readonly<Record<string, unknown>>): string {
  const type = choice['type'] === 'custom' ? 'custom' : 'function';
  const definition = choice[type];
  return isObject(definition) ? String(definition['name']) : '';
}

function forcedTool(request: ChatRequest, choice: Readonly<Record<string, unknown>>): OfferedTool {
  const name = namedTool(choice);
  const tool = request.tools.find((offered) => offered.name === name);
  if (tool) return tool;
  const message = `Tool choice '${name}' not found in 'tools' parameter.`;
  throw new OpenAiError({ status: 400, message, param: 'tool_choice' });
}

/** What the user said last; nothing where something else was said after it. Reminders of the system do not count. */
function askedText({ messages }: ChatRequest): string {
  const last = messages.findLast(({ role }) => role !== 'system' && role !== 'developer');
  return last?.['role'] === 'user' ? textOf(last['content']) : '';
}

/**
 * The tools to call: the forced one; those whose call the last user message spells out; those that it names, by name or by a telling word of the name
 * ("weather" for `get_weather`); the first one where a call is required, or a tool is asked for without a name. After
 * a tool's result the sandbox answers with text.
 */
function chooseTools(request: ChatRequest): readonly OfferedTool[] {
  const { toolChoice } = request;
  if (toolChoice === 'none' || request.tools.length === 0) return [];
  let offered = request.tools;
  let required = toolChoice === 'required';
  if (isObject(toolChoice)) {
    if (toolChoice['type'] !== 'allowed_tools') return [forcedTool(request, toolChoice)];
    const allowed = isObject(toolChoice['allowed_tools']) ? toolChoice['allowed_tools'] : {};
    const listed = Array.isArray(allowed['tools']) ? allowed['tools'].filter(isObject) : [];
    const names = new Set(listed.map(namedTool));
    offered = offered.filter((tool) => names.has(tool.name));
    required = allowed['mode'] === 'required';
  }
  const written = offered.filter((tool) => writtenArguments(tool, request) !== null);
  if (written.length > 0) return written;
  const text = askedText(request).toLowerCase();
  const asked = offered.filter((tool) => isAskedFor(tool, text));
  if (asked.length > 0) return asked;
  return required || /\b(use|call) (a|the|any) (tool|function)\b/.test(text) ? offered.slice(0, 1) : [];
}

/**
 * Arguments that the user wrote behind the tool's name, `get_weather({"city":"Paris"})`: for programs that act on what
 * they are called with. Null where there are none.
 */
function writtenArguments(tool: OfferedTool, request: ChatRequest): string | null {
  const text = askedText(request);
  const start = text.indexOf(`${tool.name}({`);
  if (start < 0) return null;
  const from = start + tool.name.length + 1;
  for (let end = text.indexOf('})', from); end >= 0; end = text.indexOf('})', end + 1)) {
    const written = text.slice(from, end + 1);
    try {
      JSON.parse(written);
      return written;
    } catch {
      // A brace inside of the arguments.
    }
  }
  return null;
}

export function planToolCalls(request: ChatRequest, seed: string): readonly ToolCall[] {
  const chosen = chooseTools(request);
  const called = request.parallelToolCalls ? chosen : chosen.slice(0, 1);
  return called.map((tool, index) => {
    const callSeed = `${seed}/${index}/${tool.name}`;
    const input =
      tool.type === 'custom'
        ? pickWord(createRandom(callSeed))
        : (writtenArguments(tool, request) ??
          JSON.stringify(writeSchemaValue({ schema: { type: 'object', ...tool.parameters }, seed: callSeed })));
    return { id: `call_${hexOf(callSeed, 24)}`, type: tool.type, name: tool.name, input };
  });
}
