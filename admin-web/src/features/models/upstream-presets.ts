import type { Upstream } from '../../lib/api/upstreams.ts';

export type Vendor = Upstream['vendor'];
export type UpstreamFormat = Upstream['format'];

export interface Preset {
  id: Vendor;
  /** What it is called unless somebody calls it otherwise. */
  name: string;
  format: UpstreamFormat;
  /** Empty where everybody has another one. */
  baseUrl: string;
  /** Shown where nothing is written yet. */
  example: string;
}

/** Who most people ask, with what it takes to ask them. */
export const PRESETS: readonly Preset[] = [
  preset('openai', 'openai', 'openai-chat', 'https://api.openai.com/v1'),
  preset('anthropic', 'anthropic', 'anthropic-messages', 'https://api.anthropic.com/v1'),
  preset('gemini', 'gemini', 'gemini', 'https://generativelanguage.googleapis.com/v1beta'),
  preset('xai', 'xai', 'openai-chat', 'https://api.x.ai/v1'),
  preset('bedrock', 'bedrock', 'bedrock-converse', 'https://bedrock-runtime.us-east-1.amazonaws.com'),
  {
    ...preset('azure-openai', 'azure', 'openai-chat', ''),
    example: 'https://your-resource.openai.azure.com/openai/v1',
  },
  { ...preset('openai-compatible', '', 'openai-chat', ''), example: 'https://llm.example.com/v1' },
];

function preset(id: Vendor, name: string, format: UpstreamFormat, baseUrl: string): Preset {
  return { id, name, format, baseUrl, example: baseUrl };
}

const OPENAI_FORMATS: readonly UpstreamFormat[] = ['openai-chat', 'openai-responses', 'openai-images'];

/** The formats that each vendor can be asked in. */
export const FORMATS_OF: Readonly<Record<Vendor, readonly UpstreamFormat[]>> = {
  openai: [...OPENAI_FORMATS, 'anthropic-messages'],
  anthropic: ['anthropic-messages'],
  gemini: ['gemini'],
  xai: [...OPENAI_FORMATS, 'anthropic-messages'],
  bedrock: ['bedrock-converse', 'anthropic-messages'],
  'azure-openai': OPENAI_FORMATS,
  'openai-compatible': [...OPENAI_FORMATS, 'anthropic-messages'],
};
