import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { foldStream } from '../../neutral/fold.ts';
import { isJsonObject, type JsonObject } from '../../neutral/json.ts';
import type { NeutralResponse } from '../../neutral/response.ts';
import type { CallContext } from '../codec.ts';
import { looseArray, looseObject, looseString } from '../reading.ts';
import { createConverseState, endAnswer, takeEvent, type ConverseState } from './decode-stream.ts';

/** A whole answer is what its stream would have been. @throws GatewayError */
export function decodeResponse(body: JsonObject, call: CallContext): NeutralResponse {
  const message = looseObject(body['output'])['message'];
  if (!isJsonObject(message)) {
    const told = looseString(body['message']) ?? looseString(body['Message']);
    throw new GatewayError('upstream_error', {
      message: told ?? 'The upstream answered with something that is no message.',
    });
  }
  const state = createConverseState(call);
  takeEvent(state, 'messageStart', {});
  for (const [index, block] of looseArray(message['content']).entries()) takeBlock(state, index, looseObject(block));
  const { stopReason, additionalModelResponseFields: more, usage, serviceTier } = body;
  takeEvent(state, 'messageStop', {
    stopReason: stopReason ?? null,
    ...(more !== undefined && { additionalModelResponseFields: more }),
  });
  if (!state.ended) takeEvent(state, 'metadata', { usage: usage ?? null, serviceTier: serviceTier ?? null });
  if (!state.ended) endAnswer(state);
  return foldStream(state.out);
}

function takeBlock(state: ConverseState, contentBlockIndex: number, block: JsonObject): void {
  const delta = (value: JsonObject): void => takeEvent(state, 'contentBlockDelta', { contentBlockIndex, delta: value });
  const { text, toolUse, reasoningContent, citationsContent } = block;
  if (typeof text === 'string') delta({ text });
  else if (isJsonObject(toolUse)) {
    takeEvent(state, 'contentBlockStart', { contentBlockIndex, start: { toolUse } });
    delta({ toolUse: { input: toolUse['input'] == null ? '' : JSON.stringify(toolUse['input']) } });
  } else if (isJsonObject(reasoningContent)) {
    const { reasoningText, redactedContent } = reasoningContent;
    const { text: thought, signature } = looseObject(reasoningText);
    if (redactedContent !== undefined) delta({ reasoningContent: { redactedContent } });
    if (thought !== undefined) delta({ reasoningContent: { text: thought } });
    if (signature !== undefined) delta({ reasoningContent: { signature } });
  } else if (isJsonObject(citationsContent)) {
    for (const piece of looseArray(citationsContent['content'])) delta({ text: looseObject(piece)['text'] ?? '' });
    for (const citation of looseArray(citationsContent['citations'])) delta({ citation });
  }
  takeEvent(state, 'contentBlockStop', { contentBlockIndex });
}
