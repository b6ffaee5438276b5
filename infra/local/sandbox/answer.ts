import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { planCompletion } from './completion.ts';
import type { Answer, Dialect, PathFacts } from './dialects/dialect.ts';
import { readDirectives, type Directives } from './directives.ts';
import { faultOf, OpenAiError } from './openai-error.ts';
import { hexOf } from './text.ts';

export function parseBody(body: Buffer): unknown {
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

async function sendWhole(response: ServerResponse, dialect: Dialect, answer: Answer): Promise<void> {
  const body = JSON.stringify(dialect.renderWhole(answer));
  if (answer.directives.cutAfterEvents === null) {
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

async function sendStream(response: ServerResponse, dialect: Dialect, answer: Answer): Promise<void> {
  const { cutAfterEvents, hangAfterEvents, errorAfterEvents, delayMs } = answer.directives;
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  response.flushHeaders();
  let sent = 0;
  for (const event of dialect.renderEvents(answer)) {
    if (sent === cutAfterEvents) {
      await pause(20);
      cut(response);
      return;
    }
    if (sent === hangAfterEvents) return untilGone(response);
    if (sent === errorAfterEvents) {
      response.end(dialect.errorEvent(faultOf(500, answer.request.model)));
      return;
    }
    if (delayMs > 0 && sent > 0 && !(await waitWhileThere(response, delayMs))) return;
    if (response.destroyed) return;
    if (!response.write(event)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    sent += 1;
  }
  response.end();
}

/** Faults that come before an answer; true when one came. */
export async function misbehave(
  response: ServerResponse,
  dialect: Pick<Dialect, 'errorBody'>,
  directives: Directives,
  model: string,
): Promise<boolean> {
  if (directives.slowFirstMs > 0 && !(await waitWhileThere(response, directives.slowFirstMs))) return true;
  if (directives.hangAfterEvents === 0) {
    await untilGone(response);
    return true;
  }
  if (directives.cutAfterEvents === 0) {
    cut(response);
    return true;
  }
  if (directives.status === null) return false;
  const wait = directives.retryAfterSeconds;
  const headers: Record<string, string> = wait === null ? {} : { 'retry-after': String(wait) };
  sendJson(response, directives.status, dialect.errorBody(faultOf(directives.status, model)), headers);
  return true;
}

/** Answers a conversation's turn in a dialect. Throws `OpenAiError`. */
export async function answerTurn(
  dialect: Dialect,
  { body, path, response }: { body: Buffer; path: PathFacts; response: ServerResponse },
): Promise<void> {
  const request = dialect.readRequest(parseBody(body), path);
  const directives = readDirectives(request.model);
  if (!directives) throw faultOf(404, request.model);
  if (await misbehave(response, dialect, directives, request.model)) return;
  const answer: Answer = {
    request,
    directives,
    plan: planCompletion(request, directives),
    seed: hexOf(`${request.model}/${body.toString('latin1')}`, 48),
    created: Math.floor(Date.now() / 1000),
    withUsage: !directives.withoutUsage,
  };
  await (request.stream ? sendStream(response, dialect, answer) : sendWhole(response, dialect, answer));
}
