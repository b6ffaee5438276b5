import type { ErrorCode } from '@sluice/kit/errors/catalogue';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { looseString } from '../reading.ts';
import type { JsonObject } from '../../neutral/json.ts';

/** Exceptions of a stream: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html */
const CODES: Readonly<Record<string, ErrorCode>> = {
  throttlingException: 'rate_limit_exceeded',
  serviceQuotaExceededException: 'rate_limit_exceeded',
  validationException: 'bad_request',
  accessDeniedException: 'upstream_credential_refused',
  resourceNotFoundException: 'not_found',
  modelTimeoutException: 'upstream_timeout',
  internalServerException: 'upstream_error',
  modelErrorException: 'upstream_error',
  modelStreamErrorException: 'upstream_error',
  modelNotReadyException: 'upstream_error',
  serviceUnavailableException: 'upstream_error',
};

const LONGEST_MESSAGE = 1_000;

/** Null for an event that is no exception. */
export function decodeException(event: string, data: JsonObject): GatewayError | null {
  const name = event.charAt(0).toLowerCase() + event.slice(1);
  if (!Object.hasOwn(CODES, name) && !/(?:exception|error)$/i.test(name)) return null;
  const message = looseString(data['message']) ?? looseString(data['Message']) ?? looseString(data['originalMessage']);
  const told = message?.slice(0, LONGEST_MESSAGE) || `The upstream reported ${event}.`;
  return new GatewayError(CODES[name] ?? 'upstream_error', { message: told });
}
