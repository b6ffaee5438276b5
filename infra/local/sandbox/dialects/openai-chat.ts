import { readChatRequest } from '../chat-request.ts';
import { errorBody } from '../openai-error.ts';
import { renderChunks, renderCompletion, type Envelope } from '../rendering.ts';
import { checkBearer } from './authorization.ts';
import type { Answer, Dialect } from './dialect.ts';

/** `POST /v1/chat/completions`: https://platform.openai.com/docs/api-reference/chat */
export const OPENAI_CHAT: Dialect = {
  authorize: checkBearer,
  readRequest: (body) => readChatRequest(body),
  renderWhole: (answer) => renderCompletion(answer.plan, answer.request, envelopeOf(answer), answer.withUsage),
  *renderEvents(answer) {
    for (const chunk of renderChunks(answer.plan, answer.request, envelopeOf(answer), answer.withUsage)) {
      yield `data: ${JSON.stringify(chunk)}\n\n`;
    }
    yield 'data: [DONE]\n\n';
  },
  errorBody,
  errorEvent: (error) => `data: ${errorBody(error)}\n\n`,
};

function envelopeOf({ request, seed, created }: Answer): Envelope {
  return { id: `chatcmpl-${seed.slice(0, 29)}`, created, model: request.model };
}
