import { Pool, type Client, type Dispatcher } from 'undici';
import { isClosedConnection, KeptClient, type KeptCallOptions } from './kept-client.ts';
import {
  AddressRefusedError,
  createAddressCheck,
  createAllowedCheck,
  createGuardedLookup,
  literalAddress,
} from './guarded-address.ts';
import { createProxyDispatcher } from './proxy-dispatcher.ts';
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
  /** It must not reach the upstream twice: a kept connection, which may have been closed meanwhile, is not used. */
  once?: boolean | undefined;
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
  /** A connection of its own for one call; null where a proxy decides about connections. */
  connectAnew: (() => Dispatcher) | null;
  networks: string;
  refusal: AddressRefusedError | null;
}

interface Sending {
  options: KeptCallOptions;
  /** On the monotonic clock; 0 = the call is not to be sent again. */
  raceUntil: number;
}

/** Far longer than a round trip, and shorter than a model's answer takes to fail. */
const IDLE_RACE_MS = 1_000;

export interface UpstreamClientOptions {
  /** For DNS, TCP and TLS together. */
  connectTimeoutMs: number;
  keepAliveMs?: number;
  /**
   * A kept connection that breaks within this time, before a word of an answer, was closed by the upstream while it was
   * idle, and the call is sent once more on a new one. What breaks later was broken at work and is not sent again.
   */
  idleRaceMs?: number;
}

export function createUpstreamClient(options: UpstreamClientOptions): UpstreamClient {
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

  const describeSending = (call: UpstreamCall): Sending => {
    const sending: Sending = {
      raceUntil: 0,
      options: {
        origin: call.origin,
        path: call.path,
        method: call.method,
        headers: { ...call.headers, 'accept-encoding': 'identity' },
        body: call.body,
        // The caller watches over the times; undici's own timers would be a second opinion.
        headersTimeout: 0,
        bodyTimeout: 0,
        onKeptConnection() {
          sending.raceUntil = performance.now() + (options.idleRaceMs ?? IDLE_RACE_MS);
        },
      },
    };
    return sending;
  };

  return {
    open(call) {
      const route = routeOf(call);
      const sending = describeSending(call);
      const exchange = createUpstreamExchange({
        sendAgain(error) {
          const isRace = performance.now() < sending.raceUntil && isClosedConnection(error);
          if (!isRace || route.connectAnew === null) return false;
          sending.raceUntil = 0;
          const fresh = route.connectAnew();
          fresh.dispatch(sending.options, exchange.handler);
          void fresh.close();
          return true;
        },
      });
      if (route.refusal) {
        exchange.handler.onResponseError?.(NO_CONTROLLER, route.refusal);
        return exchange;
      }
      const own = call.once === true ? route.connectAnew?.() : undefined;
      (own ?? route.dispatcher).dispatch(sending.options, exchange.handler);
      void own?.close();
      return exchange;
    },
    async close() {
      await Promise.all([...routes.values()].map((route) => route.dispatcher.destroy()));
      routes.clear();
    },
  };
}

function createRoute(call: UpstreamCall, networks: string, options: UpstreamClientOptions): Route {
  // Through a proxy the address is the proxy's.
  const isPlain = call.proxyUrl === null && call.origin.startsWith('http:');
  const mayCall = (isPlain ? createAllowedCheck : createAddressCheck)(call.allowedNetworks);
  const connect = { lookup: createGuardedLookup(mayCall), timeout: options.connectTimeoutMs };
  const shared = { allowH2: false, keepAliveTimeout: options.keepAliveMs ?? 4_000 };
  const hosts = [call.origin, ...(call.proxyUrl === null ? [] : [call.proxyUrl])].map((url) => new URL(url).hostname);
  const refused = hosts.map(literalAddress).find((address) => address !== null && !mayCall(address));
  return {
    networks,
    refusal: refused == null ? null : new AddressRefusedError(refused),
    connectAnew: call.proxyUrl === null ? () => new KeptClient(call.origin, { ...shared, connect }) : null,
    dispatcher:
      call.proxyUrl === null
        ? new Pool(call.origin, {
            ...shared,
            connect,
            factory: (origin, settings) => new KeptClient(origin, settings as Client.Options),
          })
        : createProxyDispatcher({
            proxyUrl: call.proxyUrl,
            lookup: connect.lookup,
            connectTimeoutMs: connect.timeout,
            keepAliveMs: shared.keepAliveTimeout,
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
