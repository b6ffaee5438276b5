import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { createBearerChat } from './bearer-chat.ts';
import type { AddressedCall, UpstreamAddressing, VendorAddress } from './vendor.ts';

/** Vendors by name; each speaks what its row says, and a call for anything else is refused in words. */
const VENDOR_ADDRESSES: ReadonlyMap<string, VendorAddress> = new Map([
  // OpenAI's newer models refuse `max_tokens`; those who copied its API before know nothing else.
  ['openai', createBearerChat('max_completion_tokens')],
  ['xai', createBearerChat('max_completion_tokens')],
  ['openai-compatible', createBearerChat('max_tokens')],
]);

export function addressUpstream(vendor: string, addressing: UpstreamAddressing): AddressedCall | GatewayError {
  const address = VENDOR_ADDRESSES.get(vendor);
  if (address) return address(addressing);
  return new GatewayError('upstream_error', {
    message: `Upstream "${addressing.upstream}" belongs to vendor ${vendor}, which chat completions cannot be sent to.`,
  });
}
