import { OPENAI_EMBEDDINGS_RELAYED } from '@sluice/core/relay/embed-format';
import { OPENAI_VIDEOS_RELAYED } from '@sluice/core/relay/films/film-format';
import type { RelayRoute } from '@sluice/core/relay/front';
import { IMAGE_EDITS, IMAGES } from '@sluice/core/relay/images/images-format';
import { ANTHROPIC_MESSAGES } from '@sluice/llm/formats/anthropic-messages/anthropic-messages';
import { CHAT_SESSION } from '@sluice/llm/formats/chat-session/chat-session';
import { GEMINI } from '@sluice/llm/formats/gemini/gemini';
import { OPENAI_CHAT } from '@sluice/llm/formats/openai-chat/openai-chat';
import { OPENAI_COMPLETIONS } from '@sluice/llm/formats/openai-completions/openai-completions';
import { OPENAI_RESPONSES } from '@sluice/llm/formats/openai-responses/openai-responses';

/** Every path of the data plane, its operation and its language. Aliases are rows of their own. */
export const RELAY_ROUTES: readonly RelayRoute[] = [
  { method: 'POST', path: '/v1/chat/completions', operation: 'relay', format: OPENAI_CHAT },
  { method: 'POST', path: '/api/v1/chat/completions', operation: 'relay', format: OPENAI_CHAT },
  { method: 'POST', path: '/v1/responses', operation: 'create-response', format: OPENAI_RESPONSES },
  { method: 'GET', path: '/v1/responses/:response', operation: 'get-response', format: OPENAI_RESPONSES },
  { method: 'DELETE', path: '/v1/responses/:response', operation: 'delete-response', format: OPENAI_RESPONSES },
  { method: 'POST', path: '/v1/responses/:response', operation: 'cancel-response', format: OPENAI_RESPONSES },
  { method: 'POST', path: '/v1/responses/input_tokens', operation: 'count-tokens', format: OPENAI_RESPONSES },
  { method: 'POST', path: '/v1/completions', operation: 'relay', format: OPENAI_COMPLETIONS },
  { method: 'POST', path: '/v1/images/generations', operation: 'images-generate', format: IMAGES, pads: true },
  { method: 'POST', path: '/api/v1/images/generations', operation: 'images-generate', format: IMAGES, pads: true },
  { method: 'POST', path: '/v1/images/edits', operation: 'images-edit', format: IMAGE_EDITS, pads: true },
  { method: 'POST', path: '/api/v1/images/edits', operation: 'images-edit', format: IMAGE_EDITS, pads: true },
  {
    method: 'POST',
    path: '/v1/images/generations/async',
    operation: 'create-image-job',
    format: IMAGES,
    keepsKey: true,
  },
  {
    method: 'POST',
    path: '/v1/images/edits/async',
    operation: 'create-image-job',
    format: IMAGE_EDITS,
    keepsKey: true,
  },
  { method: 'GET', path: '/v1/images/generations/:job', operation: 'get-image-job', format: IMAGES },
  { method: 'POST', path: '/v1/images/generations/:job', operation: 'cancel-image-job', format: IMAGES },
  {
    method: 'POST',
    path: '/api/v1/images/generations/async',
    operation: 'create-image-job',
    format: IMAGES,
    keepsKey: true,
  },
  {
    method: 'POST',
    path: '/api/v1/images/edits/async',
    operation: 'create-image-job',
    format: IMAGE_EDITS,
    keepsKey: true,
  },
  { method: 'GET', path: '/api/v1/images/generations/:job', operation: 'get-image-job', format: IMAGES },
  { method: 'POST', path: '/api/v1/images/generations/:job', operation: 'cancel-image-job', format: IMAGES },
  { method: 'GET', path: '/v1/images/method', operation: 'images-method', format: IMAGES },
  { method: 'GET', path: '/api/v1/images/method', operation: 'images-method', format: IMAGES },
  { method: 'POST', path: '/v1/videos', operation: 'create-video', format: OPENAI_VIDEOS_RELAYED, keepsKey: true },
  {
    method: 'POST',
    path: '/v1/videos/generations',
    operation: 'create-video',
    format: OPENAI_VIDEOS_RELAYED,
    keepsKey: true,
  },
  { method: 'GET', path: '/v1/videos/:video', operation: 'get-video', format: OPENAI_VIDEOS_RELAYED },
  { method: 'DELETE', path: '/v1/videos/:video', operation: 'delete-video', format: OPENAI_VIDEOS_RELAYED },
  { method: 'POST', path: '/v1/embeddings', operation: 'relay', format: OPENAI_EMBEDDINGS_RELAYED },
  { method: 'POST', path: '/v1/messages', operation: 'relay', format: ANTHROPIC_MESSAGES },
  { method: 'POST', path: '/v1/messages/count_tokens', operation: 'count-tokens', format: ANTHROPIC_MESSAGES },
  { method: 'POST', path: '/cc/v1/messages', operation: 'relay', format: ANTHROPIC_MESSAGES, tellsInputFirst: true },
  { method: 'POST', path: '/cc/v1/messages/count_tokens', operation: 'count-tokens', format: ANTHROPIC_MESSAGES },
  { method: 'POST', path: '/v1/uploads', operation: 'create-upload', format: OPENAI_CHAT },
  { method: 'POST', path: '/v1/uploads/image', operation: 'upload-image', format: OPENAI_CHAT },
  { method: 'GET', path: '/v1/models', operation: 'list-models', format: OPENAI_CHAT },
  { method: 'GET', path: '/api/v1/models', operation: 'list-models', format: OPENAI_CHAT },
  { method: 'GET', path: '/v1beta/models', operation: 'list-models', format: GEMINI },
  { method: 'GET', path: '/cc/v1/models', operation: 'list-models', format: ANTHROPIC_MESSAGES },
  { method: 'GET', path: '/v1/models/:model', operation: 'get-model', format: OPENAI_CHAT },
  { method: 'GET', path: '/api/v1/models/:model', operation: 'get-model', format: OPENAI_CHAT },
  { method: 'GET', path: '/v1beta/models/:model', operation: 'get-model', format: GEMINI },
  { method: 'POST', path: '/v1/models/:model', operation: 'gemini', format: GEMINI },
  { method: 'POST', path: '/v1beta/models/:model', operation: 'gemini', format: GEMINI },
  { method: 'POST', path: '/api/plugin-api/chat/completions', operation: 'relay-streaming', format: OPENAI_CHAT },
  { method: 'GET', path: '/api/plugin-api/models', operation: 'list-models', format: OPENAI_CHAT },
  { method: 'GET', path: '/api/plugin-api/v1beta/models', operation: 'list-models', format: GEMINI },
  { method: 'GET', path: '/api/plugin-api/v1beta/models/:model', operation: 'get-model', format: GEMINI },
  { method: 'POST', path: '/api/plugin-api/v1beta/models/:model', operation: 'gemini', format: GEMINI },
  { method: 'POST', path: '/api/chat', operation: 'chat', format: CHAT_SESSION },
  { method: 'GET', path: '/api/chat/stream', operation: 'chat-stream', format: CHAT_SESSION },
  { method: 'POST', path: '/api/chat/stream', operation: 'chat-stream', format: CHAT_SESSION },
  { method: 'GET', path: '/api/chat/sessions', operation: 'list-chats', format: CHAT_SESSION },
  { method: 'GET', path: '/api/chat/sessions/:session', operation: 'get-chat', format: CHAT_SESSION },
  { method: 'DELETE', path: '/api/chat/sessions/:session', operation: 'delete-chat', format: CHAT_SESSION },
];
