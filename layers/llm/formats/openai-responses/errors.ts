import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { Json, JsonObject } from '../../neutral/json.ts';
import { looseObject, looseString } from '../reading.ts';

/** The same error object as in all of OpenAI's formats. */
export { decodeErrorMessage } from '../openai-chat/errors.ts';

/** `response.error`: https://platform.openai.com/docs/api-reference/responses/object#responses/object-error */
export function encodeResponseError(error: GatewayError): JsonObject {
  return { code: error.status === 429 ? 'rate_limit_exceeded' : 'server_error', message: error.message };
}

/**
 * Two events, as the API has them: `error`, which makes the SDKs raise, and `response.failed`, which is what those read
 * who look for the end of the response. The error stands flat, as documented, and nested, as it comes.
 */
export function encodeFailure(error: GatewayError, response: string, sequence: number): string {
  const { message, code } = error;
  const param = error.param ?? null;
  const event = JSON.stringify({
    type: 'error',
    sequence_number: sequence,
    code,
    message,
    param,
    error: { type: error.type, code, message, param },
  });
  const failed = `{"type":"response.failed","sequence_number":${sequence + 1},"response":${response}}`;
  return `event: error\ndata: ${event}\n\nevent: response.failed\ndata: ${failed}\n\n`;
}

/** For a stream that is passed through, of which we know neither ids nor numbers. */
export function encodeStreamError(error: GatewayError): Buffer {
  const failed = { id: '', object: 'response', status: 'failed', error: encodeResponseError(error), output: [] };
  return Buffer.from(encodeFailure(error, JSON.stringify(failed), 0));
}

const LONGEST_MESSAGE = 1_000;

/** The error of a response that failed, or of an `error` event in one of its two shapes. */
export function decodeFailure(error: Json | undefined): GatewayError {
  const told = looseObject(error);
  const message = looseString(told['message']);
  const code = looseString(told['code']) ?? looseString(told['type']) ?? 'unknown';
  return new GatewayError('upstream_error', {
    message: message ? message.slice(0, LONGEST_MESSAGE) : 'The upstream reported an error instead of an answer.',
    internal: `the upstream’s code: ${code.slice(0, 100)}`,
  });
}
