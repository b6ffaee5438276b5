import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { anthropic } from './anthropic.ts';
import { azureOpenai } from './azure-openai.ts';
import { bedrock } from './bedrock.ts';
import { gemini } from './gemini.ts';
import { openai, openaiCompatible, xai } from './openai.ts';
import type { AddressedUpstream, UpstreamAddressing, Vendor } from './vendor.ts';

/** Vendors by name; each speaks what its row says, and anything else is refused in words. */
const VENDORS: ReadonlyMap<string, Vendor> = new Map([
  ['openai', openai],
  ['xai', xai],
  ['openai-compatible', openaiCompatible],
  ['azure-openai', azureOpenai],
  ['anthropic', anthropic],
  ['gemini', gemini],
  ['bedrock', bedrock],
]);

export function addressUpstream(vendor: string, addressing: UpstreamAddressing): AddressedUpstream | GatewayError {
  const address = VENDORS.get(vendor);
  if (address) return address(addressing);
  return new GatewayError('upstream_error', {
    message: `Upstream "${addressing.upstream}" belongs to vendor ${vendor}, which this build cannot call.`,
  });
}
