import { buildConnector, ProxyAgent, Socks5ProxyAgent, type Dispatcher } from 'undici';
import type { LookupFunction } from 'node:net';

export interface ProxyOptions {
  /** `http:`, `https:` or `socks5:`, with user name and password where it wants them. */
  proxyUrl: string;
  /** Looks up the proxy's own name. */
  lookup: LookupFunction;
  connectTimeoutMs: number;
  keepAliveMs?: number;
}

/**
 * Calls go through this proxy or not at all. Plain HTTP takes a tunnel as well, so that what the proxy itself says is
 * never mistaken for an answer.
 */
export function createProxyDispatcher({ proxyUrl, lookup, connectTimeoutMs, keepAliveMs }: ProxyOptions): Dispatcher {
  const connect = { lookup, timeout: connectTimeoutMs };
  const shared = { allowH2: false, ...(keepAliveMs !== undefined && { keepAliveTimeout: keepAliveMs }) };
  if (proxyUrl.startsWith('socks5:')) {
    return new Socks5ProxyAgent(proxyUrl, {
      ...shared,
      connect: buildConnector(connect),
      connectTimeout: connectTimeoutMs,
      requestTls: { timeout: connectTimeoutMs },
    });
  }
  return new ProxyAgent({
    ...shared,
    uri: proxyUrl,
    proxyTunnel: true,
    connect,
    proxyTls: connect,
    requestTls: { timeout: connectTimeoutMs },
  });
}
