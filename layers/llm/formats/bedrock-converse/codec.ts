import type { UpstreamCodec } from '../codec.ts';
import { decodeResponse } from './decode-response.ts';
import { createStreamDecoder } from './decode-stream.ts';
import { encodeRequest } from './encode-request.ts';

/**
 * Amazon Bedrock's Converse and ConverseStream, which no client of ours speaks. Model and method stand in the path.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 */
export const BEDROCK_CONVERSE_CODEC: UpstreamCodec = {
  name: 'bedrock-converse',
  encodeRequest,
  decodeResponse,
  createStreamDecoder,
};
