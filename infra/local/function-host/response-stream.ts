import { Writable } from 'node:stream';

/** What a function says before its body: status, headers and cookies. */
export interface Prelude {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
}

/** Where a response goes: the function URL's client, or a buffer for a direct invocation. */
export interface ResponseTarget {
  head(prelude: Prelude): void;
  /** Calls `done` when the next chunk may come. */
  write(chunk: Buffer, done: () => void): void;
  end(): void;
}

const INTEGRATION_TYPE = 'application/vnd.awslambda.http-integration-response';
const DELIMITER_LENGTH = 8;
/** The runtime's own name for it. */
const BEFORE_FIRST_WRITE = '_onBeforeFirstWrite';

/**
 * The stream that a streaming handler writes to. It behaves like the runtime interface client's: the prelude goes out
 * with the first `write` and not before, `end` never sends it, and the content type is fixed by then.
 * https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/blob/main/src/ResponseStream.js
 */
export class ResponseStream extends Writable {
  /** Set by HttpResponseStream.from: writes what has to come before the first chunk. */
  [BEFORE_FIRST_WRITE]: ((write: (chunk: string | Uint8Array) => void) => void) | undefined = undefined;
  readonly #target: ResponseTarget;
  #contentType = 'application/octet-stream';
  #started = false;

  constructor(target: ResponseTarget) {
    super({ decodeStrings: true, highWaterMark: 64 * 1024 });
    this.#target = target;
  }

  /** Whether the head has gone out, so that an error cannot become a status any more. */
  get started(): boolean {
    return this.#started;
  }

  setContentType(contentType: string): void {
    if (this.#started) throw new Error('Cannot set content-type, too late.');
    this.#contentType = contentType;
  }

  override write(chunk: unknown, ...rest: unknown[]): boolean {
    if (!this.#started) this.#start();
    const isBytes = typeof chunk === 'string' || chunk instanceof Uint8Array;
    const write = super.write as (chunk: unknown, ...rest: unknown[]) => boolean;
    return write.call(this, isBytes ? chunk : JSON.stringify(chunk), ...rest);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (!this.#started) this.#head(undefined);
    this.#target.write(chunk, done);
  }

  override _final(done: () => void): void {
    if (!this.#started) this.#head(undefined);
    this.#target.end();
    done();
  }

  #start(): void {
    const parts: Buffer[] = [];
    this[BEFORE_FIRST_WRITE]?.((chunk) => parts.push(Buffer.from(chunk as Uint8Array)));
    const before = Buffer.concat(parts);
    this.#head(before.length === 0 ? undefined : before);
  }

  #head(before: Buffer | undefined): void {
    this.#started = true;
    if (this.#contentType !== INTEGRATION_TYPE) {
      this.#target.head({ statusCode: 200, headers: { 'content-type': this.#contentType }, cookies: [] });
      return;
    }
    if (before === undefined) throw new Error('The response ended without a write, so its prelude was never sent.');
    this.#target.head(parsePrelude(before));
  }
}

function parsePrelude(before: Buffer): Prelude {
  const text = before.subarray(0, before.length - DELIMITER_LENGTH).toString('utf8');
  const { statusCode = 200, headers = {}, cookies = [] } = JSON.parse(text) as Partial<Prelude>;
  return { statusCode, headers, cookies };
}

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');

export type Handler = (event: unknown, ...rest: unknown[]) => unknown;

export function isStreamingHandler(handler: Handler): boolean {
  return (handler as { [STREAMING]?: unknown })[STREAMING] === 'response';
}

/** Sets the global `awslambda`, which the Lambda runtime provides to handlers. */
export function installAwsLambdaGlobal(): void {
  Object.assign(globalThis, {
    awslambda: {
      streamifyResponse: (handler: Handler): Handler => Object.assign(handler, { [STREAMING]: 'response' }),
      HttpResponseStream: {
        from: (stream: ResponseStream, prelude: unknown): ResponseStream => {
          stream.setContentType(INTEGRATION_TYPE);
          const text = JSON.stringify(prelude);
          stream[BEFORE_FIRST_WRITE] = (write) => {
            write(text);
            write(new Uint8Array(DELIMITER_LENGTH));
          };
          return stream;
        },
      },
    },
  });
}
