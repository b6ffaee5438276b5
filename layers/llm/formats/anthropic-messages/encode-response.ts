import { parseExact } from '@sluice/kit/json/parse-exact';
import { isJsonObject, type JsonObject } from '../../neutral/json.ts';
import type { AssistantPart, ReasoningPart, TextPart, ToolCallPart } from '../../neutral/parts.ts';
import type { NeutralResponse } from '../../neutral/response.ts';
import { sealIntoId } from '../carried-id.ts';
import type { ClientContext } from '../codec.ts';
import { wrapCustomInput } from '../custom-tools.ts';
import { writeDataUrl } from '../data-url.ts';
import { encodeCitation } from './parts/citations.ts';
import { encodeStop } from './stop-reasons.ts';
import { encodeUsage } from './usage.ts';

const FORMAT = 'anthropic-messages';

/** https://docs.claude.com/en/api/messages#response-id */
export function encodeResponse(response: NeutralResponse, client: ClientContext): JsonObject {
  const choice = response.choices[0];
  const content = (choice?.content ?? []).flatMap((part, index, parts) =>
    encodePart(part, { client, isLast: index === parts.length - 1 }),
  );
  const finish = choice?.finish ?? { reason: 'stop', stopSequence: null };
  return {
    id: messageId(response.id, client),
    type: 'message',
    role: 'assistant',
    model: client.model,
    content,
    stop_reason: encodeStop(
      finish,
      content.some(({ type }) => type === 'tool_use'),
    ),
    stop_sequence: finish.stopSequence,
    usage: encodeUsage(response.usage, encodeServiceTier(response.serviceTier)),
  };
}

export function messageId(id: string, { requestId }: ClientContext): string {
  return id.startsWith('msg_') ? id : `msg_${requestId}`;
}

export function encodeServiceTier(tier: string | null): string | null {
  return tier === 'default' ? 'standard' : tier;
}

interface Place {
  client: ClientContext;
  isLast: boolean;
}

function encodePart(part: AssistantPart, { client, isLast }: Place): JsonObject[] {
  switch (part.type) {
    case 'text':
      return encodeText(part, { client, isLast });
    case 'refusal':
      return part.text === '' ? [] : [{ type: 'text', text: part.text }];
    case 'reasoning':
      return encodeReasoning(part, client);
    case 'tool-call':
      return [encodeToolCall(part, client)];
    default: {
      const block = encodeWhole(part, client);
      return block === null ? [] : [block];
    }
  }
}

function encodeText(part: TextPart, { client, isLast }: Place): JsonObject[] {
  const blocks: JsonObject[] = [];
  if (part.text !== '') {
    const citations = (part.citations ?? []).map(encodeCitation).filter((citation) => citation !== null);
    blocks.push({ type: 'text', text: part.text, ...(citations.length > 0 && { citations }) });
  }
  // A text's own carrier goes behind it, in the only place that clients send back; none behind the answer's last text,
  // since clients take the last block for the answer.
  if (part.carrier && !isLast) blocks.push(signedThinking('', client.carriers.seal(part.carrier)));
  return blocks;
}

function encodeReasoning({ text, carrier }: ReasoningPart, client: ClientContext): JsonObject[] {
  if (!carrier) return text === '' ? [] : [signedThinking(text, '')];
  const sealed = client.carriers.seal(carrier);
  if (text === '' && carrier.kind !== 'signature') return [{ type: 'redacted_thinking', data: sealed }];
  return [signedThinking(text, sealed)];
}

function signedThinking(thinking: string, signature: string): JsonObject {
  return { type: 'thinking', thinking, signature };
}

function encodeToolCall(part: ToolCallPart, client: ClientContext): JsonObject {
  const id = sealIntoId(part.id, part.carrier, client);
  return { type: 'tool_use', id, name: part.name, input: encodeInput(part) };
}

/** The input is an object to all SDKs; what the model wrote in its place stands inside one. */
function encodeInput({ arguments: text, custom }: ToolCallPart): JsonObject {
  if (custom) return JSON.parse(wrapCustomInput(text)) as JsonObject;
  if (text.trim() === '') return {};
  try {
    const parsed = parseExact(text);
    return isJsonObject(parsed) ? parsed : { arguments: parsed as JsonObject[string] };
  } catch {
    return { arguments: text };
  }
}

/** The block of a part that comes whole; null for what the format cannot show. */
export function encodeWhole(part: AssistantPart, client: ClientContext): JsonObject | null {
  switch (part.type) {
    case 'vendor':
      return part.format === FORMAT ? part.value : null;
    case 'audio':
      return part.transcript ? { type: 'text', text: part.transcript } : null;
    case 'image':
    case 'document': {
      const text = linkTo(part);
      if (text === null) client.warn('dropped', `content[].${part.type}`);
      return text === null ? null : { type: 'text', text };
    }
    default:
      return null;
  }
}

/** Markdown, which readers of an answer show. */
export function linkTo(part: Extract<AssistantPart, { type: 'image' | 'document' }>): string | null {
  const { source } = part;
  if (source.kind === 'text') return source.text;
  if (source.kind === 'file') return null;
  const url = source.kind === 'url' ? source.url : writeDataUrl(source);
  return part.type === 'image' ? `![image](${url})` : `[${part.name ?? 'document'}](${url})`;
}
