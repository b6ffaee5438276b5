import { GatewayError, isGatewayError } from '@sluice/kit/errors/gateway-error';
import { CONVERSATION_FORMATS, type FormatName } from '@sluice/llm/formats/format-name';
import type { OutputCapField } from '@sluice/llm/formats/wire-format';
import { addressUpstream } from '@sluice/llm/upstreams/upstreams';
import type { CallAddress } from '@sluice/llm/upstreams/vendor';
import type { Credential, Upstream } from '../store.ts';

/** A model of the upstream's, and where it reads the length of an answer from. */
export interface TestedModel {
  /** The upstream's own name. */
  name: string;
  outputCapField: OutputCapField;
}

/** What is sent to learn whether a credential is good. */
export interface CheckCall {
  method: 'GET' | 'POST';
  origin: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer | null;
}

/** Models with a mind of their own spend some tokens before they say a word; fewer than these some refuse. */
const ANSWER_TOKENS = 64;
const GREETING = 'hi';

/**
 * The cheapest word with an upstream under a credential: a greeting to a model, or, without one, the list of its models,
 * which no vendor charges for. An error says why there is none.
 */
export function checkCall(
  upstream: Upstream,
  credential: Pick<Credential, 'kind'>,
  { secret, model }: { secret: string; model: TestedModel | null },
): CheckCall | GatewayError {
  // Lists of models know no format; vendors know formats only.
  const format = conversationFormat(upstream.format);
  const addressed = addressUpstream(upstream.vendor, {
    upstream: upstream.name,
    baseUrl: upstream.baseUrl,
    format,
    credentialKind: credential.kind,
    secret,
  });
  if (isGatewayError(addressed)) return addressed;
  let address: CallAddress;
  try {
    address = addressed.address({ operation: model === null ? 'list-models' : 'generate', model: model?.name ?? '' });
  } catch (error) {
    if (isGatewayError(error)) return error;
    throw error;
  }
  const { origin, path, signing } = address;
  if (signing !== null) return unsigned(upstream);
  const headers: Record<string, string> = { 'user-agent': 'sluice', accept: 'application/json', ...address.headers };
  if (format === 'anthropic-messages') headers['anthropic-version'] ??= '2023-06-01';
  if (model === null) return { method: 'GET', origin, path, headers, body: null };
  const without = new Set(addressed.body.without);
  const members = Object.entries({ ...greeting(format, model), ...addressed.body.members });
  const body = JSON.stringify(Object.fromEntries(members.filter(([name]) => !without.has(name))));
  headers['content-type'] = 'application/json';
  return { method: 'POST', origin, path, headers, body: Buffer.from(body) };
}

function conversationFormat(format: string): FormatName {
  return (CONVERSATION_FORMATS as readonly string[]).includes(format) ? (format as FormatName) : 'openai-chat';
}

function greeting(format: FormatName, { name, outputCapField }: TestedModel): Record<string, unknown> {
  const messages = [{ role: 'user', content: GREETING }];
  switch (format) {
    case 'openai-chat':
      return { model: name, messages, [outputCapField]: ANSWER_TOKENS };
    case 'openai-responses':
      return { model: name, input: GREETING, max_output_tokens: ANSWER_TOKENS, store: false };
    case 'anthropic-messages':
      return { model: name, messages, max_tokens: ANSWER_TOKENS };
    case 'gemini':
      return {
        contents: [{ role: 'user', parts: [{ text: GREETING }] }],
        generationConfig: { maxOutputTokens: ANSWER_TOKENS },
      };
    case 'bedrock-converse':
      return {
        messages: [{ role: 'user', content: [{ text: GREETING }] }],
        inferenceConfig: { maxTokens: ANSWER_TOKENS },
      };
  }
}

/** Such calls are signed with the relay's own role, which nobody else has. */
function unsigned({ name }: Upstream): GatewayError {
  return new GatewayError('bad_request', {
    message: `Calls to ${name} are signed with the role of the relay and can be tested by the relay only.`,
  });
}
