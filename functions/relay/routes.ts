import type { RelayRoute } from '@sluice/core/relay/front';
import { OPENAI_CHAT } from '@sluice/llm/formats/openai-chat/openai-chat';

/** Every path of the data plane, its operation and its language. Aliases are rows of their own. */
export const RELAY_ROUTES: readonly RelayRoute[] = [
  { method: 'POST', path: '/v1/chat/completions', operation: 'relay', format: OPENAI_CHAT },
  { method: 'POST', path: '/api/v1/chat/completions', operation: 'relay', format: OPENAI_CHAT },
  { method: 'GET', path: '/v1/models', operation: 'list-models', format: OPENAI_CHAT },
  { method: 'GET', path: '/api/v1/models', operation: 'list-models', format: OPENAI_CHAT },
  { method: 'GET', path: '/v1/models/:model', operation: 'get-model', format: OPENAI_CHAT },
  { method: 'GET', path: '/api/v1/models/:model', operation: 'get-model', format: OPENAI_CHAT },
];
