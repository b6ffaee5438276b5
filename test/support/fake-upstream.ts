import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One thing that the fake does with an answer, in order. */
export type Step =
  | { head: number; headers?: Record<string, string> }
  | { write: string | Uint8Array }
  /** Waits until the test lets go. */
  | { waitFor: Promise<unknown> }
  /** Writes this again and again at this pace, until the caller goes. */
  | { trickle: string; everyMs: number }
  /** Breaks the connection. */
  | { cut: true }
  /** Never says another word. */
  | { hang: true };

export interface SeenRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** Resolves when the caller broke the connection before the answer's end. */
  aborted: Promise<void>;
}

export type Script = (request: SeenRequest) => Step[];

export interface FakeUpstream {
  /** `http://127.0.0.1:<port>/v1`. */
  baseUrl: string;
  requests: SeenRequest[];
  /** What is answered from now on. */
  answer(script: Script | Step[]): void;
  close(): Promise<void>;
}

/** An upstream over real HTTP whose every byte, pause and cut a test decides. */
export async function startFakeUpstream(first: Script | Step[] = []): Promise<FakeUpstream> {
  let script = asScript(first);
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const seen: SeenRequest = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
        aborted: whenAborted(response),
      };
      requests.push(seen);
      void play(script(seen), response);
    });
  });
  await listen(server);
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    answer(next) {
      script = asScript(next);
    },
    close: () => stop(server),
  };
}

function asScript(script: Script | Step[]): Script {
  return typeof script === 'function' ? script : () => script;
}

function whenAborted(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.on('close', () => {
      if (!response.writableFinished) resolve();
    });
  });
}

async function play(steps: Step[], response: ServerResponse): Promise<void> {
  for (const step of steps) {
    if (response.destroyed) return;
    if ('head' in step) await sent(response.writeHead(step.head, step.headers));
    else if ('write' in step) await flushed(response, step.write);
    else if ('waitFor' in step) await step.waitFor;
    else if ('trickle' in step) return trickle(response, step.trickle, step.everyMs);
    else if ('cut' in step) return void response.socket?.destroy();
    else return;
  }
  response.end();
}

function trickle(response: ServerResponse, text: string, everyMs: number): void {
  const timer = setInterval(() => response.write(text), everyMs);
  response.once('close', () => clearInterval(timer));
}

/** The headers have left the process before what comes next, so that a cut cannot overtake them. */
function sent(response: ServerResponse): Promise<void> {
  response.flushHeaders();
  return new Promise((resolve) => {
    if (response.socket) response.socket.write('', () => resolve());
    else resolve();
  });
}

function flushed(response: ServerResponse, bytes: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    response.write(bytes, () => resolve());
  });
}

export function listen(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
}

export function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

const SSE = { 'content-type': 'text/event-stream' };

/** The events of a chat stream that says these words. */
export function chatEvents(words: readonly string[], options: { usage?: object | null } = {}): string[] {
  const chunk = (fields: object): string =>
    `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', model: 'up', ...fields })}\n\n`;
  const choice = (delta: object, reason: string | null): object => ({
    choices: [{ index: 0, delta, finish_reason: reason }],
  });
  const usage = options.usage === undefined ? USAGE : options.usage;
  return [
    chunk(choice({ role: 'assistant', content: '' }, null)),
    ...words.map((word) => chunk(choice({ content: word }, null))),
    chunk(choice({}, 'stop')),
    ...(usage === null ? [] : [chunk({ choices: [], usage })]),
    'data: [DONE]\n\n',
  ];
}

export const USAGE = {
  prompt_tokens: 20,
  completion_tokens: 10,
  total_tokens: 30,
  prompt_tokens_details: { cached_tokens: 5 },
  completion_tokens_details: { reasoning_tokens: 4 },
};

/** A whole stream, one write an event. */
export function streamOf(events: readonly string[], last: Step[] = []): Step[] {
  return [{ head: 200, headers: SSE }, ...events.map((write) => ({ write })), ...last];
}

export function chatBody(content: string, usage: object | null = USAGE): string {
  return JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    model: 'up',
    choices: [{ index: 0, message: { role: 'assistant', content, annotations: [] }, finish_reason: 'stop' }],
    ...(usage && { usage }),
  });
}

export function jsonOf(body: string, status = 200, headers: Record<string, string> = {}): Step[] {
  return [{ head: status, headers: { 'content-type': 'application/json', ...headers } }, { write: body }];
}
