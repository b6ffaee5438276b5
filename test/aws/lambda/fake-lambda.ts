import { Writable } from 'node:stream';

/** What a client of a function URL would see. */
interface FunctionUrlAnswer {
  statusCode: number;
  headers: Record<string, string>;
  cookies: string[];
  body: string;
  /** The stream was closed in order. */
  ended: boolean;
}

interface Prelude {
  statusCode: number;
  headers: Record<string, string>;
  cookies?: string[];
}

/** The response stream of the runtime: the prelude goes with the first write and not before. */
class FakeResponseStream extends Writable {
  prelude: Prelude | null = null;
  preludeSent = false;
  bytes: Buffer[] = [];
  /** While this is pending the client takes nothing. */
  readable: Promise<void> | null = null;

  override async _write(chunk: Buffer, _encoding: string, done: () => void): Promise<void> {
    this.preludeSent = true;
    if (this.readable) await this.readable;
    if (chunk.length > 0) this.bytes.push(chunk);
    done();
  }

  override write(chunk: unknown, ...rest: unknown[]): boolean {
    this.preludeSent = true;
    return (super.write as (chunk: unknown, ...rest: unknown[]) => boolean).call(this, chunk, ...rest);
  }

  get text(): string {
    return Buffer.concat(this.bytes).toString();
  }
}

type StreamHandler = (event: unknown, stream: FakeResponseStream, context: unknown) => Promise<unknown>;

/** The global of the Lambda runtime, in this process. */
export function installFakeLambda(): void {
  Object.assign(globalThis, {
    awslambda: {
      streamifyResponse: (handler: StreamHandler): StreamHandler => handler,
      HttpResponseStream: {
        from(stream: FakeResponseStream, prelude: Prelude): FakeResponseStream {
          stream.prelude = prelude;
          return stream;
        },
      },
    },
  });
}

export interface Invocation {
  stream: FakeResponseStream;
  /** Resolves when the handler returned; rejects when it threw. */
  done: Promise<FunctionUrlAnswer>;
}

export function invoke(handler: unknown, event: unknown): Invocation {
  const stream = new FakeResponseStream();
  stream.on('error', () => undefined);
  const done = (handler as StreamHandler)(event, stream, {}).then(() => ({
    statusCode: stream.prelude?.statusCode ?? 0,
    headers: stream.prelude?.headers ?? {},
    cookies: stream.prelude?.cookies ?? [],
    body: stream.text,
    ended: stream.writableFinished,
  }));
  return { stream, done };
}

export interface EventOptions {
  method?: string;
  path?: string;
  query?: string;
  headers?: Record<string, string>;
  cookies?: string[];
  body?: string | Buffer;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads */
export function functionUrlEvent(options: EventOptions = {}): object {
  const { body } = options;
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: options.path ?? '/',
    rawQueryString: options.query ?? '',
    ...(options.cookies && { cookies: options.cookies }),
    headers: { host: 'abc.lambda-url.eu-central-1.on.aws', ...options.headers },
    requestContext: {
      accountId: 'anonymous',
      apiId: 'abc',
      domainName: 'abc.lambda-url.eu-central-1.on.aws',
      http: {
        method: options.method ?? 'POST',
        path: options.path ?? '/',
        protocol: 'HTTP/1.1',
        sourceIp: '198.51.100.1',
        userAgent: 'test',
      },
      requestId: 'id',
      routeKey: '$default',
      stage: '$default',
      time: '21/Nov/2026:12:00:00 +0000',
      timeEpoch: 1_795_262_400_000,
    },
    ...(body !== undefined && { body: Buffer.isBuffer(body) ? body.toString('base64') : body }),
    isBase64Encoded: Buffer.isBuffer(body),
  };
}
