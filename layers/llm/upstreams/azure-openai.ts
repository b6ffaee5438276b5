import { isGatewayError } from '@sluice/kit/errors/gateway-error';
import { readBaseUrl, refuseUnless, unknownOperation } from './base-url.ts';
import { PLAIN_BODY, type UpstreamOperation, type Vendor } from './vendor.ts';

const LATEST_DATED_VERSION = '2024-10-21';

/**
 * Azure OpenAI. A base URL that ends in `/openai/v1` is the current API, whose model is the deployment's name
 * (https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle); any other is a resource with a path per
 * deployment and a dated `api-version`, the base URL's own or the latest stable one
 * (https://learn.microsoft.com/azure/ai-foundry/openai/reference). That one has no responses; without a version of the
 * base URL's own they are asked of the current API.
 */
export const azureOpenai: Vendor = (addressing) => {
  const refusal = refuseUnless(addressing, {
    formats: ['openai-chat', 'openai-responses', 'openai-images'],
    kinds: ['api_key', 'oauth'],
  });
  if (refusal) return refusal;
  const base = readBaseUrl(addressing);
  if (isGatewayError(base)) return base;
  const { upstream, format, credentialKind, secret } = addressing;
  const headers: Record<string, string> =
    credentialKind === 'oauth' ? { authorization: `Bearer ${secret}` } : { 'api-key': secret };
  const isCurrent = base.path.endsWith('/openai/v1');
  const root = isCurrent || base.path.endsWith('/openai') ? base.path : `${base.path}/openai`;
  const query = isCurrent || base.query !== '' ? base.query : `?api-version=${LATEST_DATED_VERSION}`;
  const paths = PATHS[format] ?? {};
  return {
    framing: 'sse',
    body: PLAIN_BODY,
    images: { dialect: 'openai', saysResponseFormat: false },
    address({ operation, model }) {
      // https://learn.microsoft.com/rest/api/azureopenai/models/list
      if (operation === 'list-models')
        return { origin: base.origin, path: `${root}/models${query}`, headers, signing: null };
      const path = paths[operation];
      if (path === undefined) throw unknownOperation(upstream, operation);
      // Responses never had a path per deployment.
      const isResponses = path === '/responses';
      const deployment = isCurrent || isResponses ? '' : `/deployments/${encodeURIComponent(model)}`;
      const version = isResponses && !isCurrent && base.query === '' ? '/v1' : '';
      const tail = version === '' ? `${deployment}${path}${query}` : `${version}${path}`;
      return { origin: base.origin, path: `${root}${tail}`, headers, signing: null };
    },
  };
};

const IMAGES = { 'images-generate': '/images/generations', 'images-edit': '/images/edits' };

const PATHS: Partial<Record<string, Partial<Record<UpstreamOperation, string>>>> = {
  'openai-chat': { generate: '/chat/completions', stream: '/chat/completions', embed: '/embeddings', ...IMAGES },
  'openai-responses': { generate: '/responses', stream: '/responses', embed: '/embeddings', ...IMAGES },
  'openai-images': IMAGES,
};
