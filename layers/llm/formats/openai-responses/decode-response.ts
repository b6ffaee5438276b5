import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { foldStream } from '../../neutral/fold.ts';
import type { JsonObject } from '../../neutral/json.ts';
import type { NeutralResponse } from '../../neutral/response.ts';
import type { CallContext } from '../codec.ts';
import { decodeWhole } from './decode-stream.ts';

/** The fold of the stream that the answer amounts to, so that both say the same. */
export function decodeResponse(body: JsonObject, call: CallContext): NeutralResponse {
  if (!Array.isArray(body['output']) && body['status'] !== 'failed') {
    throw new GatewayError('upstream_error', { message: 'The upstream answered with something that is no response.' });
  }
  return foldStream(decodeWhole(body, call));
}
