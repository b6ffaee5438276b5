import type { IncomingHttpHeaders } from 'node:http';
import { Client, type Dispatcher } from 'undici';
import {
  AddressRefusedError,
  createAddressCheck,
  createAllowedCheck,
  createGuardedLookup,
  literalAddress,
} from './guarded-address.ts';
import { createProxyDispatcher } from './proxy-dispatcher.ts';
import { createUpstreamExchange } from './upstream-exchange.ts';

export interface OneCall {
  /** `https://host:port`. */
  origin: string;
  /** Path and query, percent-encoded. */
  path: string;
  /** Lower-case names. */
  headers: Record<string, string>;
  /** POST when left out. */
  method?: 'GET' | 'POST';
  /** Null where the method has none. */
  body: Buffer | null;
  /** `http:`, `https:` or `socks5:`, with user name and password where it wants them. The call goes through it or not at all. */
  proxyUrl: string | null;
  /** CIDR ranges outside the public Internet that may be called. */
  allowedNetworks: readonly string[];
  connectTimeoutMs: number;
  /** For everything together. */
  timeoutMs: number;
}

export interface OneAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** The call or its answer came to nothing. */
export class OneCallError extends Error {
  /** False: not a byte of it left, so the server cannot have acted on it. */
  readonly sent: boolean;
  readonly code: string;

  constructor(facts: { code: string; sent: boolean; cause: unknown }) {
    super(facts.cause instanceof Error ? facts.cause.message : facts.code, { cause: facts.cause });
    this.name = 'OneCallError';
    this.code = facts.code;
    this.sent = facts.sent;
  }
}

const MOST_ANSWER_BYTES = 1024 * 1024;

/**
 * A call that is sent once, on a connection of its own, whatever happens to it: a kept one may have been closed a moment
 * ago, and then nobody would know whether the server acted on it. Redirects are answers like others.
 * @throws OneCallError
 */
export async function sendOnce(call: OneCall): Promise<OneAnswer> {
  const exchange = createUpstreamExchange();
  const dispatcher = createDispatcher(call);
  if (dispatcher instanceof AddressRefusedError) {
    throw new OneCallError({ code: dispatcher.code, sent: false, cause: dispatcher });
  }
  const timer = setTimeout(() => exchange.abort(new Error(`No answer within ${call.timeoutMs} ms`)), call.timeoutMs);
  try {
    dispatcher.dispatch(
      {
        origin: call.origin,
        path: call.path,
        method: call.method ?? 'POST',
        headers: { ...call.headers, 'accept-encoding': 'identity' },
        body: call.body,
        headersTimeout: 0,
        bodyTimeout: 0,
        reset: true,
      },
      exchange.handler,
    );
    const chunks: Buffer[] = [];
    let bytes = 0;
    while (!exchange.finished) {
      const chunk = exchange.take();
      if (chunk !== null) {
        bytes += chunk.length;
        if (bytes > MOST_ANSWER_BYTES) exchange.abort(new Error('The answer is too long'));
        chunks.push(chunk);
      } else if (exchange.failure) {
        const code = (exchange.failure as NodeJS.ErrnoException).code ?? exchange.failure.name;
        throw new OneCallError({ code, sent: exchange.started, cause: exchange.failure });
      } else {
        await exchange.changed();
      }
    }
    return { status: exchange.status, headers: exchange.headers, body: Buffer.concat(chunks) };
  } finally {
    clearTimeout(timer);
    void dispatcher.destroy().catch(() => undefined);
  }
}

function createDispatcher(call: OneCall): Dispatcher | AddressRefusedError {
  const isPlain = call.proxyUrl === null && call.origin.startsWith('http:');
  const mayCall = (isPlain ? createAllowedCheck : createAddressCheck)(call.allowedNetworks);
  const connect = { lookup: createGuardedLookup(mayCall), timeout: call.connectTimeoutMs };
  const hosts = [call.origin, ...(call.proxyUrl === null ? [] : [call.proxyUrl])].map((url) => new URL(url).hostname);
  const refused = hosts.map(literalAddress).find((address) => address !== null && !mayCall(address));
  if (refused != null) return new AddressRefusedError(refused);
  if (call.proxyUrl === null) return new Client(call.origin, { connect, allowH2: false, pipelining: 0 });
  const { proxyUrl, connectTimeoutMs } = call;
  return createProxyDispatcher({ proxyUrl, connectTimeoutMs, lookup: connect.lookup });
}
