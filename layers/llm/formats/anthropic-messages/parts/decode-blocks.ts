import { isJsonObject, type Json, type JsonObject } from '../../../neutral/json.ts';
import type {
  AssistantPart,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from '../../../neutral/parts.ts';
import { createIdReader, openCarrier, type CarriedId } from '../../carried-id.ts';
import type { ClientContext } from '../../codec.ts';
import { asArray, asObject, asString, asText, looseString, pathOf, wrongType } from '../../reading.ts';
import { decodeCacheMark } from './cache-marks.ts';
import { decodeCitations } from './citations.ts';
import { decodeDocument, decodeImage, decodeSearchResult } from './decode-media.ts';

const FORMAT = 'anthropic-messages';

/** What the reading of one conversation remembers. */
export interface BlockReader {
  client: ClientContext;
  readId(id: string): CarriedId;
  /** Names of calls by id. */
  names: Map<string, string>;
  /** Ids of calls without a result so far, for results that do not say whose they are. */
  unanswered: string[];
}

export function createBlockReader(client: ClientContext): BlockReader {
  return { client, readId: createIdReader(client), names: new Map(), unanswered: [] };
}

/** A block, or a text in place of a list of blocks. */
export function eachBlock(content: Json | undefined, path: string): [block: JsonObject, path: string][] {
  if (typeof content === 'string') return [[{ type: 'text', text: content }, path]];
  return asArray(content, path).map((item, index) => {
    const itemPath = pathOf(path, index);
    return [typeof item === 'string' ? { type: 'text', text: item } : asObject(item, itemPath), itemPath];
  });
}

export function decodeText(block: JsonObject, path: string): TextPart {
  const part: TextPart = { type: 'text', text: asString(block['text'], pathOf(path, 'text')) };
  const citations = decodeCitations(block['citations']);
  const cache = decodeCacheMark(block['cache_control']);
  if (citations) part.citations = citations;
  if (cache) part.cache = cache;
  return part;
}

export function decodeUserBlock(block: JsonObject, path: string, reader: BlockReader): UserPart[] {
  switch (block['type']) {
    case 'text':
      return [decodeText(block, path)];
    case 'image':
      return [decodeImage(block, path)];
    case 'document':
      return decodeDocument(block, path);
    case 'search_result':
      return [decodeSearchResult(block, path)];
    case 'tool_result':
      return [decodeToolResult(block, path, reader)];
    default:
      return [vendorBlock(block, path)];
  }
}

export function decodeAssistantBlock(block: JsonObject, path: string, reader: BlockReader): AssistantPart[] {
  switch (block['type']) {
    case 'text':
      return [decodeText(block, path)];
    case 'thinking':
      return decodeThinking(block, path, reader);
    case 'redacted_thinking':
      return decodeRedacted(block, path, reader);
    case 'tool_use':
      return [decodeToolUse(block, path, reader)];
    case 'image':
      return [decodeImage(block, path)];
    case 'document':
      return decodeDocument(block, path);
    default:
      return [vendorBlock(block, path)];
  }
}

function decodeThinking(block: JsonObject, path: string, { client }: BlockReader): ReasoningPart[] {
  const part: ReasoningPart = { type: 'reasoning', text: looseString(block['thinking']) ?? '' };
  const signature = looseString(block['signature']) ?? '';
  const native = { origin: `native:${FORMAT}`, kind: 'signature' } as const;
  const carrier = openCarrier(signature, native, { client, field: pathOf(path, 'signature') });
  if (carrier) part.carrier = carrier;
  return part.text === '' && !carrier ? [] : [part];
}

function decodeRedacted(block: JsonObject, path: string, { client }: BlockReader): ReasoningPart[] {
  const data = asText(block['data'], pathOf(path, 'data'));
  const native = { origin: `native:${FORMAT}`, kind: 'redacted' } as const;
  const carrier = openCarrier(data, native, { client, field: pathOf(path, 'data') });
  return carrier ? [{ type: 'reasoning', text: '', carrier }] : [];
}

function decodeToolUse(block: JsonObject, path: string, reader: BlockReader): ToolCallPart {
  const name = asText(block['name'], pathOf(path, 'name'));
  const given = looseString(block['id']) ?? '';
  const { id, carrier } = reader.readId(given === '' ? `toolu_${path.replaceAll(/[^a-z0-9]+/g, '_')}` : given);
  const { input } = block;
  const part: ToolCallPart = { type: 'tool-call', id, name, arguments: encodeInput(input) };
  const cache = decodeCacheMark(block['cache_control']);
  if (cache) part.cache = cache;
  if (carrier) part.carrier = carrier;
  reader.names.set(id, name);
  reader.unanswered.push(id);
  return part;
}

/** A text is taken for arguments that were never JSON; nothing is no arguments. */
function encodeInput(input: Json | undefined): string {
  if (input == null || input === '') return '{}';
  return typeof input === 'string' ? input : JSON.stringify(input);
}

function decodeToolResult(block: JsonObject, path: string, reader: BlockReader): ToolResultPart {
  const given = looseString(block['tool_use_id']) ?? '';
  const callId = given === '' ? (reader.unanswered[0] ?? '') : reader.readId(given).id;
  if (callId === '') asText(block['tool_use_id'], pathOf(path, 'tool_use_id'));
  const at = reader.unanswered.indexOf(callId);
  if (at >= 0) reader.unanswered.splice(at, 1);
  const part: ToolResultPart = {
    type: 'tool-result',
    callId,
    name: reader.names.get(callId) ?? null,
    content: decodeResultContent(block['content'], pathOf(path, 'content'), reader),
    isError: block['is_error'] === true,
  };
  const cache = decodeCacheMark(block['cache_control']);
  if (cache) part.cache = cache;
  return part;
}

/** A string, blocks, an object of the client's own, nothing: all are met. */
function decodeResultContent(content: Json | undefined, path: string, reader: BlockReader): ToolResultPart['content'] {
  if (content == null) return [];
  if (isJsonObject(content) && typeof content['type'] !== 'string') {
    return [{ type: 'text', text: JSON.stringify(content) }];
  }
  if (typeof content === 'number' || typeof content === 'boolean') return [{ type: 'text', text: String(content) }];
  return eachBlock(isJsonObject(content) ? [content] : content, path).flatMap(([block, blockPath]) =>
    decodeResultBlock(block, blockPath, reader),
  );
}

function decodeResultBlock(block: JsonObject, path: string, { client }: BlockReader): ToolResultPart['content'] {
  switch (block['type']) {
    case 'text':
      return [decodeText(block, path)];
    case 'image':
      return [decodeImage(block, path)];
    case 'document':
      return decodeDocument(block, path);
    case 'search_result':
      return [decodeSearchResult(block, path)];
    case 'tool_reference':
      // The answer of a tool search: elsewhere all tools are there from the start, and the model only wants to know.
      client.warn('approximated', 'messages[].content[].tool_reference');
      return [{ type: 'text', text: `Tool available: ${looseString(block['tool_name']) ?? ''}` }];
    default:
      client.warn('approximated', path);
      return [{ type: 'text', text: JSON.stringify(block) }];
  }
}

/** Blocks of the vendor's own machinery; a kind that nobody has heard of is refused rather than lost. */
const VENDOR_BLOCKS = /^(server_tool_use|mcp_tool_use|container_upload|compaction|fallback|.+_tool_result)$/;

function vendorBlock(block: JsonObject, path: string): Extract<UserPart, { type: 'vendor' }> {
  const type = asText(block['type'], pathOf(path, 'type'));
  if (!VENDOR_BLOCKS.test(type)) throw wrongType(pathOf(path, 'type'), 'a type of content block that is known here');
  return { type: 'vendor', format: FORMAT, value: block };
}
