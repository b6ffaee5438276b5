import type { IncomingHttpHeaders } from 'node:http';
import { SANDBOX_MODELS } from './demo-document.ts';

/** Long ago, and always the same. */
const MODELS_CREATED = 1_767_225_600;

export type ModelList = 'openai' | 'anthropic' | 'gemini';

const PATH = /^\/v1(?:beta)?\/models(?:\/([^:]*))?$/;

/** Whose list of models is asked for, by the path and the way in which the key is presented; null: none. */
export function modelListOf(path: string, headers: IncomingHttpHeaders): ModelList | null {
  if (!PATH.test(path)) return null;
  if (path.startsWith('/v1beta/') || headers['x-goog-api-key'] !== undefined) return 'gemini';
  return headers['x-api-key'] === undefined ? 'openai' : 'anthropic';
}

/** The list, or one of it; null where there is no such model. */
export function listModels(list: ModelList, path: string): object | null {
  const name = decodeURIComponent(PATH.exec(path)?.[1] ?? '');
  if (name === '') return LISTS[list](SANDBOX_MODELS.map(OBJECTS[list]));
  return SANDBOX_MODELS.includes(name) ? OBJECTS[list](name) : null;
}

const OBJECTS: Readonly<Record<ModelList, (id: string) => object>> = {
  openai: (id) => ({ id, object: 'model', created: MODELS_CREATED, owned_by: 'sluice-sandbox' }),
  anthropic: (id) => ({
    type: 'model',
    id,
    display_name: id,
    created_at: new Date(MODELS_CREATED * 1000).toISOString(),
  }),
  gemini: (id) => ({
    name: `models/${id}`,
    displayName: id,
    supportedGenerationMethods: ['generateContent', 'countTokens'],
  }),
};

const LISTS: Readonly<Record<ModelList, (models: object[]) => object>> = {
  openai: (data) => ({ object: 'list', data }),
  anthropic: (data) => ({ data, has_more: false, first_id: SANDBOX_MODELS[0], last_id: SANDBOX_MODELS.at(-1) }),
  gemini: (models) => ({ models }),
};
