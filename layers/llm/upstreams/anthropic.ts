import { isGatewayError } from '@sluice/kit/errors/gateway-error';
import { readBaseUrl, refuseUnless, unknownOperation } from './base-url.ts';
import { PLAIN_BODY, type UpstreamOperation, type Vendor } from './vendor.ts';

/** Anthropic: `POST <base>/messages` with `x-api-key`. https://docs.claude.com/en/api/overview */
export const anthropic: Vendor = (addressing) => {
  const refusal = refuseUnless(addressing, { formats: ['anthropic-messages'], kinds: ['api_key', 'oauth'] });
  if (refusal) return refusal;
  const base = readBaseUrl(addressing);
  if (isGatewayError(base)) return base;
  const { upstream, credentialKind, secret } = addressing;
  const headers: Record<string, string> =
    credentialKind === 'oauth' ? { authorization: `Bearer ${secret}` } : { 'x-api-key': secret };
  return {
    framing: 'sse',
    body: PLAIN_BODY,
    address({ operation }) {
      const path = PATHS[operation];
      if (path === undefined) throw unknownOperation(upstream, operation);
      return { origin: base.origin, path: joinQuery(`${base.path}${path}`, base.query), headers, signing: null };
    },
  };
};

/** A query of the base URL goes with every call, after the call's own. */
function joinQuery(path: string, query: string): string {
  return path.includes('?') ? `${path}${query.replace('?', '&')}` : `${path}${query}`;
}

const PATHS: Partial<Record<UpstreamOperation, string>> = {
  generate: '/messages',
  stream: '/messages',
  'count-tokens': '/messages/count_tokens',
  // https://docs.claude.com/en/api/models-list
  'list-models': '/models?limit=1',
};
