import type { ToolId } from './connect-search.ts';
import * as clis from './snippets/clis.ts';
import * as frameworks from './snippets/frameworks.ts';
import * as openai from './snippets/openai.ts';
import type { Snippet, Values } from './snippets/snippet.ts';
import * as vendors from './snippets/vendors.ts';

export interface Tool {
  id: ToolId;
  /** A proper name, the same in every language. */
  name: string;
  write: (values: Values) => Snippet[];
  /** Has a way with a stream and one with the whole answer. */
  streams?: true;
  /** Asks for models that draw. */
  draws?: true;
  /** The name of what the page says of it besides. */
  noted?: 'claudeCode' | 'codex' | 'geminiCli' | 'cline' | 'aiSdk' | 'images' | 'other';
}

export const TOOL_KINDS = ['clis', 'sdks', 'frameworks', 'more'] as const;
type ToolKind = (typeof TOOL_KINDS)[number];

/** All that is shown, by kind, in its order. */
export const TOOLS: Readonly<Record<ToolKind, readonly Tool[]>> = {
  clis: [
    { id: 'claude-code', name: 'Claude Code', write: clis.claudeCode, noted: 'claudeCode' },
    { id: 'codex', name: 'Codex', write: clis.codex, noted: 'codex' },
    { id: 'gemini-cli', name: 'Gemini CLI', write: clis.geminiCli, noted: 'geminiCli' },
    { id: 'opencode', name: 'opencode', write: clis.opencode },
    { id: 'aider', name: 'Aider', write: clis.aider },
    { id: 'cline', name: 'Cline, Roo Code', write: clis.cline, noted: 'cline' },
    { id: 'continue', name: 'Continue', write: clis.continueDev },
  ],
  sdks: [
    { id: 'curl', name: 'curl', write: openai.curl, streams: true },
    { id: 'openai-node', name: 'OpenAI · Node.js', write: openai.openaiNode, streams: true },
    { id: 'openai-python', name: 'OpenAI · Python', write: openai.openaiPython, streams: true },
    { id: 'anthropic-node', name: 'Anthropic · Node.js', write: vendors.anthropicNode, streams: true },
    { id: 'anthropic-python', name: 'Anthropic · Python', write: vendors.anthropicPython, streams: true },
    { id: 'google-node', name: 'Google GenAI · Node.js', write: vendors.googleNode, streams: true },
    { id: 'google-python', name: 'Google GenAI · Python', write: vendors.googlePython, streams: true },
  ],
  frameworks: [
    { id: 'ai-sdk', name: 'Vercel AI SDK', write: frameworks.aiSdk, streams: true, noted: 'aiSdk' },
    { id: 'langchain-node', name: 'LangChain · Node.js', write: frameworks.langchainNode, streams: true },
    { id: 'langchain-python', name: 'LangChain · Python', write: frameworks.langchainPython, streams: true },
  ],
  more: [
    { id: 'images', name: 'Images', write: openai.images, draws: true, noted: 'images' },
    { id: 'other', name: 'Other', write: clis.anyProgram, noted: 'other' },
  ],
};

/** The tool of this id, where there is one. */
export function toolOf(id: string): Tool | undefined {
  return Object.values(TOOLS)
    .flat()
    .find((tool) => tool.id === id);
}
