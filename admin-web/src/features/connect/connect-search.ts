/** What the page has something for. */
const TOOL_IDS = [
  'claude-code',
  'codex',
  'gemini-cli',
  'opencode',
  'aider',
  'cline',
  'continue',
  'curl',
  'openai-node',
  'openai-python',
  'anthropic-node',
  'anthropic-python',
  'google-node',
  'google-python',
  'ai-sdk',
  'langchain-node',
  'langchain-python',
  'images',
  'other',
] as const;
export type ToolId = (typeof TOOL_IDS)[number];
export const FIRST_TOOL: ToolId = 'claude-code';

/** What the address of the page says. Unknown values are ignored. */
export interface ConnectSearch {
  tool?: ToolId | undefined;
  model?: string | undefined;
  /** The whole answer at once in place of a stream. */
  whole?: true | undefined;
}

export function readConnectSearch(search: Record<string, unknown>): ConnectSearch {
  const { model, whole } = search;
  const tool = TOOL_IDS.find((id) => id === search['tool']);
  return {
    ...(tool ? { tool } : {}),
    // A router reads `?model=4` as a number.
    ...(typeof model === 'string' || typeof model === 'number' ? { model: String(model) } : {}),
    ...(whole === true ? { whole } : {}),
  };
}
