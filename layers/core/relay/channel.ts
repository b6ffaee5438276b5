import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { Upstream } from '../credentials/store.ts';

/** Whether an upstream belongs to a key's channel: the channel is its vendor, its format or its own name. */
export function isInChannel({ name, vendor, format }: Upstream, channel: string): boolean {
  const wanted = channel.toLowerCase();
  return [vendor, format, name].some((word) => word.toLowerCase() === wanted);
}

export function outsideChannel(model: string, channel: string): GatewayError {
  return new GatewayError('model_not_allowed', {
    message: `The model '${model}' is not served in the channel '${channel}', which this caller is bound to.`,
    param: 'model',
  });
}
