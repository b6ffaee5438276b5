import { readMember, type ObjectScan } from '@sluice/kit/json/members';
import { isJsonObject, type JsonObject } from '../../neutral/json.ts';
import { isPositiveCount, presentMember, readModel, readStream, scanBody } from '../body-facts.ts';
import type { Codec } from '../codec.ts';
import { countText } from '../openai-chat/count-tokens.ts';
import { decodeErrorMessage, encodeStreamError } from '../openai-chat/errors.ts';
import { looseArray, missingField, wrongType } from '../reading.ts';
import type { RequestFacts, WireFormat } from '../wire-format.ts';
import { decodeRequest } from './decode-request.ts';
import { createStreamEncoder, encodeResponse } from './encode-response.ts';

const OPENAI_COMPLETIONS_CODEC: Codec = {
  name: 'openai-completions',
  decodeRequest,
  encodeResponse,
  createStreamEncoder,
  encodeRequest: clientsOnly,
  decodeResponse: clientsOnly,
  createStreamDecoder: clientsOnly,
};

/** OpenAI's legacy completions, which clients may speak and no upstream is asked in. */
export const OPENAI_COMPLETIONS: WireFormat = {
  name: 'openai-completions',
  codec: OPENAI_COMPLETIONS_CODEC,
  readRequest,
  readCountRequest: readRequest,
  encodeTokenCount: (tokens) => JSON.stringify({ object: 'response.input_tokens', input_tokens: tokens }),
  readConversation,
  prepareBody: clientsOnly,
  createStreamTap: clientsOnly,
  readBody: clientsOnly,
  countRequest,
  countText,
  encodeStreamError,
  decodeErrorMessage,
  ping: Buffer.from(': ping\n\n'),
  endMarker: Buffer.from('data: [DONE]\n\n'),
};

function clientsOnly(): never {
  throw new Error('No upstream speaks legacy completions, so nothing is passed through or sent in them.');
}

function readRequest(body: Buffer): RequestFacts {
  const scan = scanBody(body);
  const model = readModel(body, scan);
  if (presentMember(body, scan, 'prompt') === null) throw missingField('prompt');
  const choices = readMember(body, scan, 'n');
  const cap = readMember(body, scan, 'max_tokens');
  return {
    model,
    stream: readStream(body, scan),
    wantsStreamUsage: wantsStreamUsage(body, scan),
    choices: isPositiveCount(choices) ? choices : 1,
    maxOutputTokens: isPositiveCount(cap) ? cap : null,
    mediaTokens: 0,
    scan,
  };
}

function wantsStreamUsage(body: Buffer, scan: ObjectScan): boolean {
  const options = readMember(body, scan, 'stream_options') ?? null;
  if (options === null) return false;
  if (!isJsonObject(options)) throw wrongType('stream_options', 'an object');
  return options['include_usage'] === true;
}

/** A prompt is a conversation of its own. */
function readConversation(body: Buffer, { scan }: RequestFacts): Buffer | null {
  const prompt = presentMember(body, scan, 'prompt');
  return prompt && body.subarray(prompt.valueStart, prompt.valueEnd);
}

async function countRequest(body: Buffer): Promise<number> {
  const { prompt } = JSON.parse(body.toString()) as JsonObject;
  let tokens = 0;
  for (const text of [prompt, ...looseArray(prompt)]) if (typeof text === 'string') tokens += await countText(text);
  return tokens;
}
