/** One model of the sandbox for each language that upstreams speak: what every client is tried over. */
export const UPSTREAM_MODELS = [
  ['openai-chat', 'sandbox-chat'],
  ['openai-responses', 'sandbox-responses'],
  ['anthropic-messages', 'sandbox-claude'],
  ['gemini', 'sandbox-gemini'],
] as const;

export const WEATHER_SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 1, maximum: 7 } },
  required: ['city'],
  additionalProperties: false,
} as const;
