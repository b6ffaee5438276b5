import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { readChatRequest, type ChatRequest } from './chat-request.ts';
import { planCompletion, type PlannedCompletion } from './completion.ts';
import { readDirectives, type Directives } from './directives.ts';
import { errorBody, faultOf, OpenAiError } from './openai-error.ts';
import { renderChunks, renderCompletion, type Envelope } from './rendering.ts';

function parseBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    const message =
      'We could not parse the JSON body of your request. (HINT: This likely means you aren’t using your HTTP library ' +
      'correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)';
    throw new OpenAiError({ status: 400, message });
  }
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  });
  response.end(body);
}

/** Waits, and ends early when the caller is gone; true while the caller is there. */
async function waitWhileThere(response: ServerResponse, milliseconds: number): Promise<boolean> {
  if (response.destroyed) return false;
  const left = new AbortController();
  const leave = (): void => left.abort();
  response.once('close', leave);
  await pause(milliseconds, undefined, { signal: left.signal }).catch(() => {});
  response.off('close', leave);
  return !response.destroyed;
}

/** Breaks the connection on purpose; the error marks the cut as the sandbox's own. */
function cut(response: ServerResponse): void {
  response.destroy(new Error('cut on request'));
}

async function untilGone(response: ServerResponse): Promise<void> {
  if (!response.destroyed) await once(response, 'close');
}

interface Answer {
  request: ChatRequest;
  directives: Directives;
  plan: PlannedCompletion;
  envelope: Envelope;
}

async function sendWhole(response: ServerResponse, { request, directives, plan, envelope }: Answer): Promise<void> {
  const body = JSON.stringify(renderCompletion(plan, request, envelope, !directives.withoutUsage));
  if (directives.cutAfterEvents === null) {
    sendJson(response, 200, body);
    return;
  }
  const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
  response.writeHead(200, headers);
  // The half must have left this process before the socket goes, else the caller sees no head either.
  await new Promise((resolve) => response.write(body.slice(0, body.length / 2), resolve));
  await pause(20);
  cut(response);
}

function* eventsOf({ request, directives, plan, envelope }: Answer): Generator<string> {
  for (const chunk of renderChunks(plan, request, envelope, !directives.withoutUsage)) {
    yield `data: ${JSON.stringify(chunk)}\n\n`;
  }
  yield 'data: [DONE]\n\n';
}

async function sendStream(response: ServerResponse, answer: Answer): Promise<void> {
  const { cutAfterEvents, hangAfterEvents, errorAfterEvents, delayMs } = answer.directives;
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  response.flushHeaders();
  let sent = 0;
  for (const event of eventsOf(answer)) {
    if (sent === cutAfterEvents) {
      await pause(20);
      cut(response);
      return;
    }
    if (sent === hangAfterEvents) return untilGone(response);
    if (sent === errorAfterEvents) {
      response.end(`data: ${errorBody(faultOf(500, answer.request.model))}\n\n`);
      return;
    }
    if (delayMs > 0 && sent > 0 && !(await waitWhileThere(response, delayMs))) return;
    if (response.destroyed) return;
    if (!response.write(event)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    sent += 1;
  }
  response.end();
}

/** `POST /v1/chat/completions` (https://platform.openai.com/docs/api-reference/chat). Throws `OpenAiError`. */
export async function answerChat(body: Buffer, response: ServerResponse): Promise<void> {
  const request = readChatRequest(parseBody(body));
  const directives = readDirectives(request.model);
  if (!directives) throw faultOf(404, request.model);
  if (directives.slowFirstMs > 0 && !(await waitWhileThere(response, directives.slowFirstMs))) return;
  if (directives.hangAfterEvents === 0) return untilGone(response);
  if (directives.cutAfterEvents === 0) {
    cut(response);
    return;
  }
  if (directives.status !== null) {
    const wait = directives.retryAfterSeconds;
    const headers: Record<string, string> = wait === null ? {} : { 'retry-after': String(wait) };
    sendJson(response, directives.status, errorBody(faultOf(directives.status, request.model)), headers);
    return;
  }
  const envelope = {
    id: `chatcmpl-${randomBytes(15).toString('hex').slice(0, 29)}`,
    created: Math.floor(Date.now() / 1000),
    model: request.model,
  };
  const answer = { request, directives, plan: planCompletion(request, directives), envelope };
  await (request.stream ? sendStream(response, answer) : sendWhole(response, answer));
}
