import type { PlannedChoice } from '../completion.ts';
import type { OpenAiError } from '../openai-error.ts';
import { checkHeader } from './authorization.ts';
import type { Answer, Dialect } from './dialect.ts';
import { readGeminiRequest } from './gemini-request.ts';
import { createProof } from './proof.ts';

type Json = Record<string, unknown>;

/** `POST /v1beta/models/{model}:generateContent` and its stream: https://ai.google.dev/api/generate-content */
export const GEMINI: Dialect = {
  authorize: (request) => {
    const missing = "Method doesn't allow unregistered callers (callers without established identity).";
    checkHeader(request, 'x-goog-api-key', missing);
  },
  readRequest: (body, path) => readGeminiRequest(body, path),
  renderWhole: (answer) => ({
    ...shared(answer),
    candidates: answer.plan.choices.map((choice, index) => ({
      content: { parts: partsOf(answer, choice, index), role: 'model' },
      finishReason: FINISH_REASONS[choice.finishReason],
      index,
    })),
    ...usageOf(answer),
  }),
  renderEvents,
  errorBody,
  errorEvent: (error) => `data: ${errorBody(error)}\r\n\r\n`,
};

const FINISH_REASONS = { stop: 'STOP', length: 'MAX_TOKENS', tool_calls: 'STOP' } as const;

function shared({ request, seed }: Answer): Json {
  return { modelVersion: request.model, responseId: seed.slice(0, 22) };
}

function usageOf({ plan, withUsage }: Answer): Json {
  if (!withUsage) return {};
  const { prompt_tokens: prompt, completion_tokens: completion } = plan.usage;
  const cached = plan.usage.prompt_tokens_details.cached_tokens;
  const thoughts = plan.usage.completion_tokens_details.reasoning_tokens;
  return {
    usageMetadata: {
      promptTokenCount: prompt,
      candidatesTokenCount: completion - thoughts,
      totalTokenCount: prompt + completion,
      ...(cached > 0 ? { cachedContentTokenCount: cached } : {}),
      ...(thoughts > 0 ? { thoughtsTokenCount: thoughts } : {}),
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: prompt }],
    },
  };
}

function partsOf(answer: Answer, { pieces, toolCalls }: PlannedChoice, index: number): Json[] {
  const parts: Json[] = [];
  const thinks = answer.request.reasoningEffort !== null;
  if (answer.request.showThoughts === true) parts.push({ text: thoughtOf(answer), thought: true });
  const proof = thinks ? { thoughtSignature: createProof('gemini', `${answer.seed}/${index}`) } : {};
  for (const [at, call] of toolCalls.entries()) {
    // Of parallel calls only the first is signed: https://ai.google.dev/gemini-api/docs/thought-signatures
    parts.push({ functionCall: { name: call.name, args: JSON.parse(call.input) }, ...(at === 0 ? proof : {}) });
  }
  if (pieces.length > 0) parts.push({ text: pieces.join(''), ...(toolCalls.length === 0 ? proof : {}) });
  return parts;
}

function thoughtOf({ request }: Answer): string {
  return `**Considering the request** ${request.model.split('--', 1)[0]} looks at what was said.`;
}

function* renderEvents(answer: Answer): Generator<string> {
  const open = answer.plan.choices.map((choice, index) => streamedParts(answer, choice, index));
  let last = '';
  for (let running = true; running;) {
    running = false;
    for (const [index, steps] of open.entries()) {
      const step = steps.next();
      if (step.done === true) continue;
      running = true;
      if (last !== '') yield last;
      const content = { parts: step.value.parts, role: 'model' };
      const finishReason = step.value.isLast
        ? { finishReason: FINISH_REASONS[answer.plan.choices[index]?.finishReason ?? 'stop'] }
        : {};
      last = event({ candidates: [{ content, ...finishReason, index }], ...usageOf(answer), ...shared(answer) });
    }
  }
  if (last !== '') yield last;
}

/** Texts in pieces, calls whole; a signature of a text comes with an empty text of its own, as the vendor may send it. */
function* streamedParts(
  answer: Answer,
  choice: PlannedChoice,
  index: number,
): Generator<{ parts: Json[]; isLast: boolean }> {
  const parts = partsOf(answer, choice, index);
  const text = parts.at(-1);
  const isText = typeof text?.['text'] === 'string' && text['thought'] !== true;
  for (const part of isText ? parts.slice(0, -1) : parts)
    yield { parts: [part], isLast: !isText && part === parts.at(-1) };
  if (!isText) return;
  for (const piece of choice.pieces) yield { parts: [{ text: piece }], isLast: false };
  const { thoughtSignature } = text;
  yield { parts: [{ text: '', ...(thoughtSignature === undefined ? {} : { thoughtSignature }) }], isLast: true };
}

function event(data: Json): string {
  return `data: ${JSON.stringify(data)}\r\n\r\n`;
}

const STATUS_NAMES: ReadonlyMap<number, string> = new Map([
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [429, 'RESOURCE_EXHAUSTED'],
  [503, 'UNAVAILABLE'],
  [504, 'DEADLINE_EXCEEDED'],
]);

/** https://ai.google.dev/gemini-api/docs/troubleshooting */
function errorBody({ status, message }: OpenAiError): string {
  const name = STATUS_NAMES.get(status) ?? (status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL');
  const details = status === 429 ? [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '7s' }] : [];
  return JSON.stringify({ error: { code: status, message, status: name, ...(details.length > 0 ? { details } : {}) } });
}
