import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { UpstreamAddressing } from './vendor.ts';

/** A base URL taken apart once, so that each call only joins texts. */
export interface BaseUrl {
  origin: string;
  /** Without a trailing slash; empty for none. */
  path: string;
  /** With `?`; empty for none. */
  query: string;
  hostname: string;
}

export function readBaseUrl({
  upstream,
  baseUrl,
}: Pick<UpstreamAddressing, 'upstream' | 'baseUrl'>): BaseUrl | GatewayError {
  if (!URL.canParse(baseUrl)) {
    return new GatewayError('upstream_error', { message: `The base URL of upstream "${upstream}" is not a URL.` });
  }
  const { origin, pathname, search, hostname } = new URL(baseUrl);
  return { origin, path: pathname.replace(/\/+$/, ''), query: search, hostname };
}

/** Why a vendor cannot be asked in this format or with this credential; null when it can. */
export function refuseUnless(
  { upstream, format, credentialKind }: UpstreamAddressing,
  { formats, kinds }: { formats: readonly string[]; kinds: readonly string[] },
): GatewayError | null {
  if (!formats.includes(format)) {
    return new GatewayError('upstream_error', {
      message: `Upstream "${upstream}" is said to speak ${format}; its vendor speaks ${formats.join(', ')}.`,
    });
  }
  if (!kinds.includes(credentialKind)) {
    return new GatewayError('upstream_error', {
      message: `Upstream "${upstream}" takes credentials of kind ${kinds.join(' or ')}, and this one is of kind ${credentialKind}.`,
    });
  }
  return null;
}

/** A call that the vendor has no endpoint for. */
export function unknownOperation(upstream: string, operation: string): GatewayError {
  return new GatewayError('upstream_error', { message: `Upstream "${upstream}" has no endpoint for ${operation}.` });
}
