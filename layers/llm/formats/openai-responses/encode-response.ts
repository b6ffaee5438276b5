import { parseExact } from '@sluice/kit/json/parse-exact';
import type { JsonObject } from '../../neutral/json.ts';
import type { NeutralResponse } from '../../neutral/response.ts';
import { unfoldResponse } from '../../neutral/unfold.ts';
import type { ClientContext } from '../codec.ts';
import { createStreamEncoder } from './encode-stream.ts';

/** What the stream of the same answer ends with, so that both say the same. */
export function encodeResponse(response: NeutralResponse, client: ClientContext): JsonObject {
  const encoder = createStreamEncoder(client);
  for (const part of unfoldResponse(response)) encoder.push(part);
  if (encoder.response === null) throw new Error('An unfolded answer has an end.');
  return parseExact(encoder.response) as JsonObject;
}
