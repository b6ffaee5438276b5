import type { JsonSchema } from './json-schema.ts';

/** The relay's paths for the API document: declared here by hand, since their bodies pass through as they are. */
export interface DataPlanePath {
  method: 'GET' | 'POST';
  path: string;
  summary: string;
  body: JsonSchema | null;
  answer: JsonSchema;
}

const MODEL: JsonSchema = {
  type: 'object',
  required: ['id', 'object'],
  properties: {
    id: { type: 'string' },
    object: { type: 'string', const: 'model' },
    created: { type: 'integer' },
    owned_by: { type: 'string' },
  },
};

export const DATA_PLANE_PATHS: readonly DataPlanePath[] = [
  {
    method: 'POST',
    path: '/v1/chat/completions',
    summary: 'OpenAI chat completions, whole or as a stream of server-sent events',
    body: {
      type: 'object',
      required: ['model', 'messages'],
      additionalProperties: true,
      properties: {
        model: { type: 'string', description: 'A public model name.' },
        messages: { type: 'array', items: { type: 'object' } },
        stream: { type: 'boolean' },
      },
    },
    answer: { type: 'object', description: "The upstream's answer as it came." },
  },
  {
    method: 'GET',
    path: '/v1/models',
    summary: 'The models that your key may use',
    body: null,
    answer: {
      type: 'object',
      required: ['object', 'data'],
      properties: { object: { type: 'string', const: 'list' }, data: { type: 'array', items: MODEL } },
    },
  },
  {
    method: 'GET',
    path: '/v1/models/{model}',
    summary: 'One model',
    body: null,
    answer: MODEL,
  },
];
