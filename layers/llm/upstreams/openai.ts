import { isGatewayError } from '@sluice/kit/errors/gateway-error';
import { readBaseUrl, refuseUnless, unknownOperation } from './base-url.ts';
import { operatorHeaders } from './operator-headers.ts';
import {
  PLAIN_BODY,
  type ImageOffer,
  type UpstreamAddressing,
  type UpstreamOperation,
  type Vendor,
} from './vendor.ts';

/**
 * OpenAI, xAI and everybody who copied OpenAI's paths: `POST <base>/chat/completions` and its neighbours with
 * `authorization: Bearer`. https://platform.openai.com/docs/api-reference, https://docs.x.ai/docs/api-reference.
 * A self-hosted server may want headers of its own instead (kind `headers`).
 */
export const openai: Vendor = createVendor({ dialect: 'openai', saysResponseFormat: false });
/** Its pictures differ: https://docs.x.ai/docs/guides/image-generations */
export const xai: Vendor = createVendor({ dialect: 'xai', saysResponseFormat: true });
/** Servers of one's own answer with an address unless they are asked for the bytes. */
export const openaiCompatible: Vendor = createVendor({ dialect: 'openai', saysResponseFormat: true });

function createVendor(images: ImageOffer): Vendor {
  return (addressing) => addressOpenai(addressing, images);
}

function addressOpenai(addressing: UpstreamAddressing, images: ImageOffer): ReturnType<Vendor> {
  const refusal = refuseUnless(addressing, { formats: Object.keys(PATHS), kinds: ['api_key', 'oauth', 'headers'] });
  if (refusal) return refusal;
  const base = readBaseUrl(addressing);
  if (isGatewayError(base)) return base;
  const { upstream, format, credentialKind, secret } = addressing;
  const headers =
    credentialKind === 'headers' ? operatorHeaders(upstream, secret) : { authorization: `Bearer ${secret}` };
  if (isGatewayError(headers)) return headers;
  const paths = PATHS[format] ?? {};
  return {
    framing: 'sse',
    body: PLAIN_BODY,
    images: paths['images-generate'] === undefined ? undefined : images,
    address({ operation }) {
      const path = paths[operation];
      if (path === undefined) throw unknownOperation(upstream, operation);
      return { origin: base.origin, path: `${base.path}${path}${base.query}`, headers, signing: null };
    },
  };
}

const IMAGES = { 'images-generate': '/images/generations', 'images-edit': '/images/edits' };

const PATHS: Partial<Record<string, Partial<Record<UpstreamOperation, string>>>> = {
  'openai-chat': { generate: '/chat/completions', stream: '/chat/completions', embed: '/embeddings', ...IMAGES },
  'openai-responses': { generate: '/responses', stream: '/responses', embed: '/embeddings', ...IMAGES },
  'openai-images': IMAGES,
  // Compatible servers offer Anthropic's messages too: https://docs.vllm.ai, https://docs.x.ai/docs/api-reference.
  'anthropic-messages': { generate: '/messages', stream: '/messages', 'count-tokens': '/messages/count_tokens' },
};
