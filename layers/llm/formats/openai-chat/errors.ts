import { encodeErrorEnvelope } from '@sluice/kit/errors/envelopes';
import type { GatewayError } from '@sluice/kit/errors/gateway-error';

/** The error object that OpenAI's SDKs read: https://platform.openai.com/docs/guides/error-codes */
export function encodeError(error: GatewayError): string {
  return encodeErrorEnvelope('openai', error, null).body;
}

/** The SDKs raise when a chunk carries `error`; no `[DONE]` follows, so nothing looks complete. */
export function encodeStreamError(error: GatewayError): Buffer {
  return Buffer.from(`data: ${encodeError(error)}\n\n`);
}

/**
 * For surfaces whose clients read a failure as text of the answer: a chunk with the sentence, one that stops, `[DONE]`.
 * `error` stands beside the text for clients that look.
 */
export function encodeErrorAsContent(error: GatewayError): Buffer {
  const chunk = { id: 'chatcmpl-error', object: 'chat.completion.chunk', created: 0, model: '' };
  const said = {
    ...chunk,
    choices: [{ index: 0, delta: { role: 'assistant', content: error.message }, finish_reason: null }],
    ...(JSON.parse(encodeError(error)) as object),
  };
  const stopped = { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };
  return Buffer.from(`data: ${JSON.stringify(said)}\n\ndata: ${JSON.stringify(stopped)}\n\ndata: [DONE]\n\n`);
}

const LONGEST_MESSAGE = 1_000;

/** The sentence of an upstream's error body in the shapes that are met (`error.message`, `error`, `message`, `detail`). */
export function decodeErrorMessage(body: Buffer): string | null {
  const parsed = parseObject(body);
  if (parsed === null) return null;
  const { error, message, detail } = parsed;
  const inner = typeof error === 'object' && error !== null ? (error as Record<string, unknown>)['message'] : error;
  const sentence = [inner, message, detail].find((value) => typeof value === 'string' && value !== '');
  return typeof sentence === 'string' ? sentence.slice(0, LONGEST_MESSAGE) : null;
}

function parseObject(body: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
