import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { foldStream } from '../../neutral/fold.ts';
import type { JsonObject } from '../../neutral/json.ts';
import type { NeutralResponse } from '../../neutral/response.ts';
import type { CallContext } from '../codec.ts';
import { endAnswer, takeChunk } from './decode-stream.ts';
import { createAnswerState } from './parts/answer-state.ts';
import type { ChunkWire } from './wire.ts';

/** A whole answer is a stream of one chunk. @throws GatewayError */
export function decodeResponse(body: JsonObject, call: CallContext): NeutralResponse {
  const state = createAnswerState(call);
  takeChunk(state, body as ChunkWire);
  if (!state.ended && state.choices.size === 0 && !state.isBlocked) {
    throw new GatewayError('upstream_error', { message: "The upstream's answer has no candidate." });
  }
  if (!state.ended) endAnswer(state, { isCut: false });
  return foldStream(state.out);
}
