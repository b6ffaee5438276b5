import { isGatewayError } from '@sluice/kit/errors/gateway-error';
import { readBaseUrl, refuseUnless, unknownOperation } from './base-url.ts';
import { PLAIN_BODY, type UpstreamOperation, type Vendor } from './vendor.ts';

/**
 * Gemini: model and method stand in the path, the key in `x-goog-api-key`; streams are asked for as server-sent events.
 * https://ai.google.dev/api/generate-content
 */
export const gemini: Vendor = (addressing) => {
  const refusal = refuseUnless(addressing, { formats: ['gemini'], kinds: ['api_key', 'oauth'] });
  if (refusal) return refusal;
  const base = readBaseUrl(addressing);
  if (isGatewayError(base)) return base;
  const { credentialKind, secret } = addressing;
  const headers: Record<string, string> =
    credentialKind === 'oauth' ? { authorization: `Bearer ${secret}` } : { 'x-goog-api-key': secret };
  return {
    framing: 'sse',
    body: PLAIN_BODY,
    images: { dialect: 'gemini', saysResponseFormat: false },
    address({ operation, model }) {
      // https://ai.google.dev/api/models#method:-models.list
      if (operation === 'list-models') {
        const query = base.query === '' ? '?pageSize=1' : `${base.query}&pageSize=1`;
        return { origin: base.origin, path: `${base.path}/models${query}`, headers, signing: null };
      }
      const method = METHODS[operation];
      if (method === undefined) throw unknownOperation(addressing.upstream, operation);
      // `models/x` and `tunedModels/x` are names in full.
      const name = model.includes('/') ? model : `models/${model}`;
      const named = name.split('/').map(encodeURIComponent).join('/');
      const query = operation === 'stream' ? `${base.query === '' ? '?' : `${base.query}&`}alt=sse` : base.query;
      const path = `${base.path}/${named}:${method}${query}`;
      return { origin: base.origin, path, headers, signing: null };
    },
  };
};

const METHODS: Partial<Record<UpstreamOperation, string>> = {
  generate: 'generateContent',
  stream: 'streamGenerateContent',
  embed: 'embedContent',
  'embed-batch': 'batchEmbedContents',
  'count-tokens': 'countTokens',
};
