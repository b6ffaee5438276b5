import { GatewayError, isGatewayError } from '@sluice/kit/errors/gateway-error';

/**
 * Work on what somebody else nested. Reading takes any depth, writing does not; ten thousand levels are nobody's request
 * and nobody's answer.
 * @throws what `tooDeep` makes of it
 */
export function withinDepth<Value>(work: () => Value, tooDeep: (cause: RangeError) => GatewayError): Value {
  try {
    return work();
  } catch (error) {
    if (isGatewayError(error) || !(error instanceof RangeError)) throw error;
    throw tooDeep(error);
  }
}

export function deepAnswer(cause: RangeError): GatewayError {
  return new GatewayError('upstream_error', { message: 'The upstream’s answer is nested too deeply.', cause });
}
