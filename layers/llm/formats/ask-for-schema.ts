import type { JsonObject } from '../neutral/json.ts';
import type { NeutralRequest, OutputFormat } from '../neutral/request.ts';
import type { CallContext } from './codec.ts';
import { sendToolName } from './tool-names.ts';

/** What the client asked for, with a schema. */
export type SchemaOutput = Extract<OutputFormat, { type: 'json-schema' }> & { schema: JsonObject };

/**
 * A tool that must be called and whose input is the answer, for upstreams without structured output; `call.answerTool`
 * names it, so that the call comes back as the answer's text.
 */
export function askByTool(
  request: NeutralRequest,
  { name, description, schema }: SchemaOutput,
  call: CallContext,
): NeutralRequest {
  call.warn('approximated', 'response_format');
  const tool = name ?? 'answer';
  call.answerTool = sendToolName(tool, call);
  const told = description ?? 'Gives the answer. Call it once, with the whole answer.';
  return {
    ...request,
    tools: [{ type: 'function', name: tool, description: told, parameters: schema, strict: null }],
    toolChoice: { type: 'tool', name: tool },
  };
}

/** Behind the client's own instructions; @param schema null for any JSON */
export function askInWords(
  request: NeutralRequest,
  schema: JsonObject | null,
  call: Pick<CallContext, 'warn'>,
): NeutralRequest {
  call.warn('approximated', 'response_format');
  const after = schema === null ? '' : ` It must be valid against this JSON schema: ${JSON.stringify(schema)}`;
  const text = `Answer with one JSON object and nothing else: no code fence, no words around it.${after}`;
  const leading = request.messages.findIndex(({ role }) => role !== 'system');
  const at = leading < 0 ? request.messages.length : leading;
  const messages = request.messages.toSpliced(at, 0, {
    role: 'system',
    as: 'system',
    content: [{ type: 'text', text }],
  });
  return { ...request, messages };
}
