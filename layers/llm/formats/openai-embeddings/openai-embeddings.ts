import { spliceMembers, type MemberEdit } from '@sluice/kit/json/members';
import { skipSpace } from '@sluice/kit/json/skip-value';
import { isJsonObject } from '../../neutral/json.ts';
import type { EmbedFacts, EmbedWireFormat } from '../embed-wire-format.ts';
import { isRepeated, presentMember, readModel, scanBody } from '../body-facts.ts';
import { countText } from '../openai-chat/count-tokens.ts';
import { decodeErrorMessage } from '../openai-chat/errors.ts';
import { decodeUsage } from '../openai-chat/usage.ts';
import { invalidField, missingField, wrongType } from '../reading.ts';
import type { UsageFigures } from '../usage-figures.ts';
import { OPENAI_EMBEDDINGS_CODEC } from './codec.ts';

export const OPENAI_EMBEDDINGS: EmbedWireFormat = {
  name: 'openai-embeddings',
  codec: OPENAI_EMBEDDINGS_CODEC,
  readRequest,
  operationOf: () => 'embed',
  prepareBody,
  readUsage,
  countRequest,
  decodeErrorMessage,
};

const QUOTE = 0x22;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

function readRequest(body: Buffer): EmbedFacts {
  const scan = scanBody(body);
  const model = readModel(body, scan);
  const input = presentMember(body, scan, 'input');
  if (input === null) throw missingField('input');
  const first = body[input.valueStart];
  if (first !== QUOTE && first !== OPEN_BRACKET) throw wrongType('input', 'a string or an array');
  if (first === OPEN_BRACKET && body[skipSpace(body, input.valueStart + 1)] === CLOSE_BRACKET) {
    throw invalidField('input', "'input' must not be an empty array.");
  }
  return { model, scan };
}

function prepareBody(body: Buffer, { model, scan }: EmbedFacts, upstreamModel: string): Buffer {
  if (upstreamModel === model && !isRepeated(scan, 'model')) return body;
  const edits: MemberEdit[] = [{ key: 'model', json: JSON.stringify(upstreamModel) }];
  return spliceMembers(body, scan, edits);
}

/** Braces inside of a usage report, at most. */
const MOST_CLOSERS = 8;

/** The report stands behind the vectors, which may be megabytes: it is looked for from the end. */
function readUsage(body: Buffer): UsageFigures | null {
  const start = body.indexOf('{', Math.max(0, body.lastIndexOf('"usage"')));
  if (start <= 0) return null;
  let close = start;
  for (let tries = 0; tries < MOST_CLOSERS; tries += 1) {
    close = body.indexOf('}', close + 1);
    if (close < 0) return null;
    const usage = parse(body.subarray(start, close + 1));
    if (usage !== null) return decodeUsage(usage);
  }
  return null;
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return null;
  }
}

async function countRequest(body: Buffer): Promise<number> {
  const request = parse(body);
  if (!isJsonObject(request)) return 0;
  let tokens = 0;
  for (const { content } of OPENAI_EMBEDDINGS_CODEC.decodeRequest(request).inputs) {
    tokens += typeof content === 'string' ? await countText(content) : content.length;
  }
  return tokens;
}
