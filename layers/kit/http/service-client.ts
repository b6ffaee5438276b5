import { Pool, type Dispatcher } from 'undici';
import { createUpstreamExchange, type UpstreamExchange } from './upstream-exchange.ts';

export interface ServiceCall {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Path and query, percent-encoded. */
  path: string;
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>;
  body: Uint8Array | null;
}

export interface ServiceAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
}

/** Calls one origin that the operator has chosen, over kept connections: a store of objects, not somebody's address. */
export interface ServiceClient {
  /** Sends and reads a small answer whole. @throws Error */
  send(call: ServiceCall): Promise<ServiceAnswer>;
  /** Sends and waits for the head of the answer; its body is read as it arrives. @throws Error */
  open(call: ServiceCall): Promise<{ status: number; headers: ServiceAnswer['headers']; body: AsyncIterable<Buffer> }>;
  close(): Promise<void>;
}

export interface ServiceClientOptions {
  /** `https://host:port`. */
  origin: string;
  connections: number;
  connectTimeoutMs: number;
  /** The longest silence: before the answer and inside it. */
  silenceMs: number;
}

const MOST_WHOLE_BYTES = 4 * 1024 * 1024;

export function createServiceClient(options: ServiceClientOptions): ServiceClient {
  const pool = new Pool(options.origin, {
    connections: options.connections,
    connect: { timeout: options.connectTimeoutMs },
    headersTimeout: options.silenceMs,
    bodyTimeout: options.silenceMs,
    keepAliveTimeout: 4_000,
    allowH2: false,
  });
  const start = async (call: ServiceCall): Promise<UpstreamExchange> => {
    const exchange = createUpstreamExchange();
    const sent: Dispatcher.DispatchOptions = { ...call, headers: { ...call.headers, 'accept-encoding': 'identity' } };
    pool.dispatch(sent, exchange.handler);
    while (exchange.status === 0) {
      if (exchange.failure) throw exchange.failure;
      await exchange.changed();
    }
    return exchange;
  };
  return {
    async send(call) {
      const exchange = await start(call);
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of bodyOf(exchange)) {
        bytes += chunk.length;
        if (bytes > MOST_WHOLE_BYTES) throw new Error('The answer is too long');
        chunks.push(chunk);
      }
      return { status: exchange.status, headers: exchange.headers, body: Buffer.concat(chunks) };
    },
    async open(call) {
      const exchange = await start(call);
      return { status: exchange.status, headers: exchange.headers, body: bodyOf(exchange) };
    },
    close: () => pool.destroy(),
  };
}

/** Whoever stops reading breaks the call off, so that its connection is not left waiting. */
async function* bodyOf(exchange: UpstreamExchange): AsyncGenerator<Buffer, void, undefined> {
  try {
    for (;;) {
      const chunk = exchange.take();
      if (chunk !== null) yield chunk;
      else if (exchange.finished) return;
      else if (exchange.failure) throw exchange.failure;
      else await exchange.changed();
    }
  } finally {
    if (!exchange.finished) exchange.abort(new Error('Not read to the end'));
  }
}
