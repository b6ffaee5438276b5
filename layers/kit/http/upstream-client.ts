import { Pool, ProxyAgent, type Dispatcher } from 'undici';
import { AddressRefusedError, createAddressCheck, createGuardedLookup, literalAddress } from './guarded-address.ts';
import { createUpstreamExchange, type UpstreamExchange } from './upstream-exchange.ts';

export interface UpstreamCall {
  /** `https://host:port`. */
  origin: string;
  /** Path and query, percent-encoded. */
  path: string;
  method: 'GET' | 'POST';
  /** Lower-case names. */
  headers: Record<string, string>;
  body: Buffer | null;
  /** Where set, the call goes through this proxy or not at all. */
  proxyUrl: string | null;
  /** CIDR ranges outside the public Internet that may be called. */
  allowedNetworks: readonly string[];
}

/** Calls upstreams over kept connections. Redirects are answers like others; compression is not asked for. */
export interface UpstreamClient {
  /** Starts the call; everything that goes wrong shows in the exchange. */
  open(call: UpstreamCall): UpstreamExchange;
  /** Breaks every connection. */
  close(): Promise<void>;
}

interface Route {
  dispatcher: Dispatcher;
  networks: string;
  refusal: AddressRefusedError | null;
}

/** @param options.connectTimeoutMs for DNS, TCP and TLS together */
export function createUpstreamClient(options: { connectTimeoutMs: number; keepAliveMs?: number }): UpstreamClient {
  const routes = new Map<string, Route>();

  const routeOf = (call: UpstreamCall): Route => {
    const key = call.proxyUrl === null ? call.origin : `${call.origin} ${call.proxyUrl}`;
    const networks = call.allowedNetworks.join(' ');
    const known = routes.get(key);
    if (known?.networks === networks) return known;
    // Connections that were opened under other rules finish what they do and are not used again.
    void known?.dispatcher.close();
    const route = createRoute(call, networks, options);
    routes.set(key, route);
    return route;
  };

  return {
    open(call) {
      const exchange = createUpstreamExchange();
      const route = routeOf(call);
      if (route.refusal) {
        exchange.handler.onResponseError?.(NO_CONTROLLER, route.refusal);
        return exchange;
      }
      route.dispatcher.dispatch(
        {
          origin: call.origin,
          path: call.path,
          method: call.method,
          headers: { ...call.headers, 'accept-encoding': 'identity' },
          body: call.body,
          // The caller watches over the times; undici's own timers would be a second opinion.
          headersTimeout: 0,
          bodyTimeout: 0,
        },
        exchange.handler,
      );
      return exchange;
    },
    async close() {
      await Promise.all([...routes.values()].map((route) => route.dispatcher.destroy()));
      routes.clear();
    },
  };
}

function createRoute(
  call: UpstreamCall,
  networks: string,
  options: { connectTimeoutMs: number; keepAliveMs?: number },
): Route {
  const mayCall = createAddressCheck(call.allowedNetworks);
  const connect = { lookup: createGuardedLookup(mayCall), timeout: options.connectTimeoutMs };
  const shared = { allowH2: false, keepAliveTimeout: options.keepAliveMs ?? 4_000 };
  const hosts = [call.origin, ...(call.proxyUrl === null ? [] : [call.proxyUrl])].map((url) => new URL(url).hostname);
  const refused = hosts.map(literalAddress).find((address) => address !== null && !mayCall(address));
  return {
    networks,
    refusal: refused == null ? null : new AddressRefusedError(refused),
    dispatcher:
      call.proxyUrl === null
        ? new Pool(call.origin, { ...shared, connect })
        : new ProxyAgent({
            ...shared,
            uri: call.proxyUrl,
            connect,
            proxyTls: connect,
            requestTls: { timeout: connect.timeout },
          }),
  };
}

/** Stands in where a call ends before undici has a controller for it. */
const NO_CONTROLLER: Dispatcher.DispatchController = {
  aborted: true,
  paused: false,
  reason: null,
  abort: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
};
