import type { vendor } from '@sluice/contract/upstreams';
import type { z } from 'zod';
import type { UpstreamInput } from './api/put-upstream.ts';

export type Vendor = z.output<typeof vendor>;
export type Format = UpstreamInput['format'];

/** How somebody proves to an upstream who they are; `sign_in` and `refresh_token` both make the kind `oauth`. */
export const WAYS = ['api_key', 'sign_in', 'refresh_token', 'headers', 'aws_role'] as const;
export type Way = (typeof WAYS)[number];

interface VendorFacts {
  title: string;
  /** What its upstreams may speak; the first is usual. */
  formats: readonly [Format, ...Format[]];
  /** What its upstreams take; the first is usual. */
  ways: readonly [Way, ...Way[]];
  /** Where its API begins; what has to be replaced stands in angle brackets, and null is a server of one's own. */
  baseUrl: string | null;
  /** Where keys are made. */
  keysPage: string | null;
  /** What one agreed to. */
  terms: string | null;
  /** The authorization server whose sign-in it takes. */
  preset: string | null;
}

const OAUTH = ['sign_in', 'refresh_token'] as const;

/** In the order in which they are offered. */
export const VENDORS: Readonly<Record<Vendor, VendorFacts>> = {
  openai: {
    title: 'OpenAI',
    formats: ['openai-chat', 'openai-responses', 'openai-images'],
    ways: ['api_key', ...OAUTH, 'headers'],
    baseUrl: 'https://api.openai.com/v1',
    keysPage: 'https://platform.openai.com/api-keys',
    terms: 'https://openai.com/policies/services-agreement/',
    preset: null,
  },
  anthropic: {
    title: 'Anthropic',
    formats: ['anthropic-messages'],
    ways: ['api_key', ...OAUTH],
    baseUrl: 'https://api.anthropic.com/v1',
    keysPage: 'https://console.anthropic.com/settings/keys',
    terms: 'https://www.anthropic.com/legal/commercial-terms',
    preset: null,
  },
  gemini: {
    title: 'Google Gemini',
    formats: ['gemini'],
    ways: ['api_key', ...OAUTH],
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
    keysPage: 'https://aistudio.google.com/apikey',
    terms: 'https://ai.google.dev/gemini-api/terms',
    preset: 'google',
  },
  xai: {
    title: 'xAI',
    formats: ['openai-chat', 'openai-responses', 'openai-images', 'anthropic-messages'],
    ways: ['api_key', ...OAUTH, 'headers'],
    baseUrl: 'https://api.x.ai/v1',
    keysPage: 'https://console.x.ai',
    terms: 'https://x.ai/legal/terms-of-service-enterprise',
    preset: null,
  },
  'azure-openai': {
    title: 'Azure OpenAI',
    formats: ['openai-chat', 'openai-responses', 'openai-images'],
    ways: ['api_key', ...OAUTH],
    baseUrl: 'https://<resource>.openai.azure.com/openai/v1',
    keysPage: 'https://portal.azure.com',
    terms: 'https://azure.microsoft.com/support/legal/',
    preset: 'microsoft',
  },
  bedrock: {
    title: 'Amazon Bedrock',
    formats: ['bedrock-converse', 'anthropic-messages'],
    ways: ['aws_role', 'api_key'],
    baseUrl: 'https://bedrock-runtime.us-east-1.amazonaws.com',
    keysPage: 'https://console.aws.amazon.com/bedrock/home#/api-keys',
    terms: 'https://aws.amazon.com/service-terms/',
    preset: null,
  },
  'openai-compatible': {
    title: 'OpenAI-compatible',
    formats: ['openai-chat', 'openai-responses', 'openai-images', 'anthropic-messages'],
    ways: ['api_key', 'headers', ...OAUTH],
    baseUrl: null,
    keysPage: null,
    terms: null,
    preset: null,
  },
};

export const VENDOR_NAMES = Object.keys(VENDORS) as Vendor[];

/** `openai`, or `openai-2` where that is taken. */
export function freeUpstreamName(wanted: string, taken: readonly string[]): string {
  const numbered = [wanted, ...Array.from({ length: 99 }, (_, index) => `${wanted}-${index + 2}`)];
  return numbered.find((name) => !taken.includes(name)) ?? wanted;
}
