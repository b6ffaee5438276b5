import type { IncomingMessage, ServerResponse } from 'node:http';

/** What the sandbox received and how the exchange ended; tests compare it with what the client sent. */
export interface LoggedRequest {
  id: number;
  /** ISO time of arrival. */
  at: string;
  method: string;
  /** Path with its query string, as received. */
  path: string;
  /** Lower-case names; of credentials the last four characters, and the scheme, are kept. */
  headers: Record<string, string | string[] | undefined>;
  /** The body's bytes read as UTF-8, unparsed; the first 256 KB. */
  body: string;
  bodyBytes: number;
  /** Null until the head was sent. */
  status: number | null;
  /** The whole answer was handed to the socket. */
  finished: boolean;
  /** The caller went away before the answer was whole (not set when the sandbox itself cut). */
  aborted: boolean;
  msUntilAbort: number | null;
}

const MAX_ENTRIES = 500;
const MAX_BODY_CHARACTERS = 256 * 1024;

const KEY_HEADERS = ['x-api-key', 'x-goog-api-key'];

function maskAuthorization(value: string): string {
  const [scheme, ...rest] = value.split(' ');
  const secret = rest.join(' ');
  return `${scheme} …${secret.slice(-4)}`;
}

export interface RequestLog {
  /** Starts the entry of one exchange; the body is filled in when it was read. */
  begin(request: IncomingMessage, response: ServerResponse): (body: Buffer) => void;
  entries(): readonly LoggedRequest[];
  clear(): void;
}

/** A bounded log in memory: the oldest entries go first. */
export function createRequestLog(): RequestLog {
  let entries: LoggedRequest[] = [];
  let lastId = 0;

  function begin(request: IncomingMessage, response: ServerResponse): (body: Buffer) => void {
    const startedAt = performance.now();
    const entry: LoggedRequest = {
      id: (lastId += 1),
      at: new Date().toISOString(),
      method: request.method ?? '',
      path: request.url ?? '',
      headers: { ...request.headers },
      body: '',
      bodyBytes: 0,
      status: null,
      finished: false,
      aborted: false,
      msUntilAbort: null,
    };
    const authorization = request.headers.authorization;
    if (authorization !== undefined) entry.headers['authorization'] = maskAuthorization(authorization);
    for (const name of KEY_HEADERS) {
      const value = request.headers[name];
      if (typeof value === 'string') entry.headers[name] = `…${value.slice(-4)}`;
    }
    entries.push(entry);
    if (entries.length > MAX_ENTRIES) entries.shift();
    response.once('close', () => {
      entry.status = response.headersSent ? response.statusCode : null;
      entry.finished = response.writableFinished;
      // `errored` is set when the sandbox destroys the answer itself (a cut on request).
      entry.aborted = !response.writableFinished && response.errored === null;
      if (entry.aborted) entry.msUntilAbort = Math.round(performance.now() - startedAt);
    });
    return (body) => {
      entry.body = body.toString('utf8').slice(0, MAX_BODY_CHARACTERS);
      entry.bodyBytes = body.length;
    };
  }

  return {
    begin,
    entries: () => entries,
    clear: () => {
      entries = [];
    },
  };
}
