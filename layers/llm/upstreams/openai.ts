import { isGatewayError } from '@sluice/kit/errors/gateway-error';
import type { VideoDialect } from '../videos/driver.ts';
import { readBaseUrl, refuseUnless, unknownOperation } from './base-url.ts';
import { operatorHeaders } from './operator-headers.ts';
import { PLAIN_BODY, type ImageOffer, type UpstreamAddressing, type UpstreamOperation, type Vendor } from './vendor.ts';

/**
 * OpenAI, xAI and everybody who copied OpenAI's paths: `POST <base>/chat/completions` and its neighbours with
 * `authorization: Bearer`. https://platform.openai.com/docs/api-reference, https://docs.x.ai/docs/api-reference.
 * A self-hosted server may want headers of its own instead (kind `headers`).
 */
export const openai: Vendor = createVendor({ dialect: 'openai', saysResponseFormat: false }, 'openai');
/** Its pictures and films differ: https://docs.x.ai/docs/guides/image-generations */
export const xai: Vendor = createVendor({ dialect: 'xai', saysResponseFormat: true }, 'xai');
/** Servers of one's own answer with an address unless they are asked for the bytes. */
export const openaiCompatible: Vendor = createVendor({ dialect: 'openai', saysResponseFormat: true }, 'openai');

interface Offer {
  images: ImageOffer;
  videos: VideoDialect;
}

function createVendor(images: ImageOffer, videos: VideoDialect): Vendor {
  return (addressing) => addressOpenai(addressing, { images, videos });
}

function addressOpenai(addressing: UpstreamAddressing, { images, videos }: Offer): ReturnType<Vendor> {
  const refusal = refuseUnless(addressing, { formats: Object.keys(PATHS), kinds: ['api_key', 'oauth', 'headers'] });
  if (refusal) return refusal;
  const base = readBaseUrl(addressing);
  if (isGatewayError(base)) return base;
  const { upstream, format, credentialKind, secret } = addressing;
  const headers =
    credentialKind === 'headers' ? operatorHeaders(upstream, secret) : { authorization: `Bearer ${secret}` };
  if (isGatewayError(headers)) return headers;
  const known = PATHS[format] ?? {};
  const draws = known['images-generate'] !== undefined;
  const paths = draws ? { ...known, ...VIDEOS[videos] } : known;
  return {
    framing: 'sse',
    body: PLAIN_BODY,
    images: draws ? images : undefined,
    videos: draws ? videos : undefined,
    address({ operation, id = '' }) {
      // https://platform.openai.com/docs/api-reference/models/list, https://docs.x.ai/docs/api-reference#list-models
      const path = operation === 'list-models' ? '/models' : paths[operation]?.replace('{id}', encodeURIComponent(id));
      if (path === undefined) throw unknownOperation(upstream, operation);
      return { origin: base.origin, path: `${base.path}${path}${base.query}`, headers, signing: null };
    },
  };
}

const IMAGES = { 'images-generate': '/images/generations', 'images-edit': '/images/edits' };

/** https://platform.openai.com/docs/api-reference/videos, https://docs.x.ai/developers/model-capabilities/video/generation */
const VIDEOS: Readonly<Record<VideoDialect, Partial<Record<UpstreamOperation, string>>>> = {
  openai: { 'video-create': '/videos', 'video-state': '/videos/{id}', 'video-content': '/videos/{id}/content' },
  xai: { 'video-create': '/videos/generations', 'video-state': '/videos/{id}' },
};

const PATHS: Partial<Record<string, Partial<Record<UpstreamOperation, string>>>> = {
  'openai-chat': { generate: '/chat/completions', stream: '/chat/completions', embed: '/embeddings', ...IMAGES },
  'openai-responses': { generate: '/responses', stream: '/responses', embed: '/embeddings', ...IMAGES },
  'openai-images': IMAGES,
  // Compatible servers offer Anthropic's messages too: https://docs.vllm.ai, https://docs.x.ai/docs/api-reference.
  'anthropic-messages': { generate: '/messages', stream: '/messages', 'count-tokens': '/messages/count_tokens' },
};
