import type { Json, JsonObject } from '../../neutral/json.ts';

/**
 * The Responses API as far as this code names its members; all else is read as JSON.
 * https://platform.openai.com/docs/api-reference/responses
 */
export const RESPONSES = 'openai-responses';

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

/** What an upstream's events have in common, loosely. */
export interface EventWire {
  type?: unknown;
  response?: Json;
  item?: Json;
  part?: Json;
  annotation?: Json;
  output_index?: unknown;
  content_index?: unknown;
  summary_index?: unknown;
  delta?: unknown;
  text?: unknown;
  refusal?: unknown;
  arguments?: unknown;
  input?: unknown;
  logprobs?: Json;
  error?: Json;
  code?: unknown;
  message?: unknown;
}

/** An item of `output` or `input`. */
export type ItemWire = JsonObject;

/**
 * Items that only this API knows: calls of tools that the vendor runs or that clients of this API alone have, and what
 * comes back from them.
 */
export const VENDOR_CALLS: ReadonlySet<string> = new Set([
  'apply_patch_call',
  'code_interpreter_call',
  'compaction',
  'compaction_trigger',
  'computer_call',
  'configuration_update',
  'file_search_call',
  'local_shell_call',
  'mcp_approval_request',
  'mcp_call',
  'mcp_list_tools',
  'program',
  'program_output',
  'shell_call',
  'tool_search_call',
  'web_search_call',
]);

export const VENDOR_RESULTS: ReadonlySet<string> = new Set([
  'apply_patch_call_output',
  'computer_call_output',
  'local_shell_call_output',
  'mcp_approval_response',
  'shell_call_output',
  'tool_search_output',
]);
