import { findMember, scanObject, spliceMembers, type ObjectScan } from '@sluice/kit/json/members';
import { skipSpace, skipValue } from '@sluice/kit/json/skip-value';
import { isJsonObject, type JsonObject } from '../../neutral/json.ts';
import { presentMember, scanBody } from '../body-facts.ts';
import type { EmbedFacts, EmbedWireFormat } from '../embed-wire-format.ts';
import { countText } from '../openai-chat/count-tokens.ts';
import { missingField, wrongType } from '../reading.ts';
import type { UsageFigures } from '../usage-figures.ts';
import type { PathFacts } from '../path-facts.ts';
import { GEMINI_EMBED_CODEC } from './embed-codec.ts';
import { decodeErrorMessage } from './errors.ts';
import { decodeUsage } from './usage.ts';

/** `embedContent` and `batchEmbedContents`, passed through as they are. */
export const GEMINI_EMBEDDINGS: EmbedWireFormat = {
  name: 'gemini',
  codec: GEMINI_EMBED_CODEC,
  readRequest,
  operationOf: (body) => (presentMember(body, scanBody(body), 'requests') === null ? 'embed' : 'embed-batch'),
  prepareBody,
  readUsage,
  countRequest,
  decodeErrorMessage,
};

const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const COMMA = 0x2c;

function readRequest(body: Buffer, path: PathFacts | null): EmbedFacts {
  const scan = scanBody(body);
  const requests = presentMember(body, scan, 'requests');
  if (requests === null) {
    if (presentMember(body, scan, 'content') === null) throw missingField('content');
  } else if (
    body[requests.valueStart] !== OPEN_BRACKET ||
    body[skipSpace(body, requests.valueStart + 1)] === CLOSE_BRACKET
  ) {
    throw wrongType('requests', 'an array of at least one request');
  }
  return { model: path?.model ?? '', scan };
}

/** The model stands in each request of a batch once more, by its full name, and must be the path's. */
function prepareBody(body: Buffer, { scan }: EmbedFacts, upstreamModel: string): Buffer {
  const name = upstreamModel.includes('/') ? upstreamModel : `models/${upstreamModel}`;
  const edit = [{ key: 'model', json: JSON.stringify(name) }];
  const requests = findMember(scan, 'requests');
  if (requests === undefined) return findMember(scan, 'model') ? spliceMembers(body, scan, edit) : body;
  const pieces: Buffer[] = [];
  let from = 0;
  for (const { start, end, inner } of elementsOf(body, requests.valueStart)) {
    pieces.push(body.subarray(from, start), spliceMembers(body.subarray(start, end), inner, edit));
    from = end;
  }
  return Buffer.concat([...pieces, body.subarray(from)]);
}

function* elementsOf(body: Buffer, arrayStart: number): Generator<{ start: number; end: number; inner: ObjectScan }> {
  let offset = skipSpace(body, arrayStart + 1);
  while (body[offset] === OPEN_BRACE) {
    const end = skipValue(body, offset);
    yield { start: offset, end, inner: scanObject(body.subarray(offset, end)) };
    offset = skipSpace(body, end);
    if (body[offset] === COMMA) offset = skipSpace(body, offset + 1);
  }
}

/** Models of this family mostly report none. */
function readUsage(body: Buffer): UsageFigures | null {
  const start = body.indexOf('{', Math.max(0, body.lastIndexOf('"usageMetadata"')));
  if (start <= 0) return null;
  try {
    return decodeUsage(JSON.parse(body.toString('utf8', start, skipValue(body, start))));
  } catch {
    return null;
  }
}

async function countRequest(body: Buffer): Promise<number> {
  const request: unknown = JSON.parse(body.toString());
  if (!isJsonObject(request)) return 0;
  let tokens = 0;
  for (const { content } of GEMINI_EMBED_CODEC.decodeRequest(request satisfies JsonObject).inputs) {
    tokens += typeof content === 'string' ? await countText(content) : content.length;
  }
  return tokens;
}
