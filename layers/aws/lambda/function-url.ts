import { PassThrough, Readable } from 'node:stream';
import type { PlainRequest, PlainResponse, Sink } from '@sluice/kit/http/exchange';
import { VIEWER_ADDRESS_HEADER } from '../names.ts';

/** Function URL events and answers. https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads */

/** What of payload format 2.0 is read. */
export interface FunctionUrlEvent {
  rawPath: string;
  rawQueryString: string;
  cookies?: string[];
  /** Lower-case names; repeated headers joined with commas. */
  headers: Record<string, string | undefined>;
  requestContext: { http: { method: string; sourceIp: string } };
  body?: string;
  isBase64Encoded: boolean;
}

/** An answer to be streamed: status, headers and cookies become the prelude. */
export interface StreamedAnswer {
  statusCode: number;
  headers: Record<string, string>;
  cookies?: string[];
  body: string | Readable;
  /** Ends when all work for the answer is done, which outlives a body that broke off. */
  settled?: Promise<void>;
}

export function isFunctionUrlEvent(event: unknown): event is FunctionUrlEvent {
  const context = (event as { requestContext?: { http?: unknown } } | null)?.requestContext;
  return typeof context?.http === 'object';
}

export function toPlainRequest(event: FunctionUrlEvent): PlainRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(event.headers)) {
    if (value !== undefined) headers[name.toLowerCase()] = value;
  }
  // Cookies are taken out of the headers by Lambda.
  if (event.cookies !== undefined && event.cookies.length > 0) headers['cookie'] = event.cookies.join('; ');
  return {
    method: event.requestContext.http.method.toUpperCase(),
    path: event.rawPath,
    query: event.rawQueryString,
    headers,
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    // The socket's address is the CDN's; the viewer-request function overwrites this header.
    clientAddress: headers[VIEWER_ADDRESS_HEADER] ?? event.requestContext.http.sourceIp,
  };
}

/** Headers about one connection, which Lambda writes itself. */
const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'transfer-encoding',
]);

type Head = Pick<StreamedAnswer, 'statusCode' | 'headers' | 'cookies'>;

function toHead(status: number, headers: Record<string, string | string[]>): Head {
  const head: Head = { statusCode: status, headers: {} };
  for (const [name, value] of Object.entries(headers)) {
    if (name === 'set-cookie') head.cookies = [value].flat();
    else if (!CONNECTION_HEADERS.has(name)) head.headers[name] = [value].flat().join(', ');
  }
  return head;
}

/** A whole answer. */
export function toStreamedAnswer({ status, headers, body }: PlainResponse, method: string): StreamedAnswer {
  const bytes = method === 'HEAD' ? '' : body;
  // A buffer in an array is one chunk; by itself it would be read byte by byte.
  return { ...toHead(status, headers), body: typeof bytes === 'string' ? bytes : Readable.from([Buffer.from(bytes)]) };
}

/**
 * A sink whose answer is handed to Lambda as soon as its head is known. The body stays open until `end`, so that a
 * function is not frozen before its work is done. Lambda tells nobody that a client went away, so `gone` stays silent
 * unless the host breaks the body off.
 */
export function createStreamSink(method: string): { sink: Sink; answer: Promise<StreamedAnswer> } {
  const body = new PassThrough();
  const leaving = new AbortController();
  const { promise: answer, resolve } = Promise.withResolvers<StreamedAnswer>();
  let resume: (() => void) | null = null;
  const wake = (): void => {
    const waiter = resume;
    resume = null;
    waiter?.();
  };
  body.on('drain', wake);
  // A broken body has its error told by the pipeline that reads it.
  body.on('error', () => undefined);
  body.on('close', () => {
    if (!body.writableFinished) leaving.abort();
    wake();
  });
  const sink: Sink = {
    gone: leaving.signal,
    head: (status, headers) => resolve({ ...toHead(status, headers), body }),
    write(bytes) {
      if (method === 'HEAD' || body.destroyed || body.write(bytes)) return undefined;
      return new Promise((drained) => {
        resume = drained;
      });
    },
    end() {
      if (!body.destroyed) body.end();
    },
    destroy() {
      body.destroy(new Error('The answer was broken off, so that it cannot pass for complete'));
    },
  };
  return { sink, answer };
}
