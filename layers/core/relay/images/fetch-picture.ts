import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { UpstreamClient } from '@sluice/kit/http/upstream-client';
import type { UpstreamExchange } from '@sluice/kit/http/upstream-exchange';
import type { Scheduler } from '@sluice/kit/time/scheduler';

export interface FetchDeps {
  upstreamClient: UpstreamClient;
  scheduler: Scheduler;
}

export interface FetchTarget {
  url: string;
  /** CIDR ranges outside the public Internet that may be asked. */
  allowedNetworks: readonly string[];
  proxyUrl: string | null;
  mostBytes: number;
}

const PATIENCE_MS = 120_000;
const MOST_REDIRECTS = 3;

/**
 * A picture from an address that somebody else names, as it arrives. Only addresses that upstreams may have are asked,
 * with no credential of ours; the few redirects that are followed are held to the same.
 * @throws GatewayError `upstream_error` telling why there is none
 */
export async function* fetchPicture(deps: FetchDeps, target: FetchTarget): AsyncGenerator<Buffer> {
  let url = target.url;
  for (let redirects = 0; ; redirects += 1) {
    const exchange = open(deps, target, url);
    const stop = deps.scheduler.after(PATIENCE_MS, () => exchange.abort(new Error('It took too long')));
    try {
      while (exchange.status === 0 && exchange.failure === null) await exchange.changed();
      const next = redirects < MOST_REDIRECTS ? redirectOf(exchange, url) : null;
      if (next === null) {
        yield* read(exchange, target.mostBytes);
        return;
      }
      url = next;
    } finally {
      stop();
      exchange.abort(new Error('No more of it is wanted'));
    }
  }
}

function open({ upstreamClient }: FetchDeps, target: FetchTarget, address: string): UpstreamExchange {
  if (!URL.canParse(address)) throw noPicture('its address is not a URL');
  const { protocol, origin, pathname, search, username } = new URL(address);
  if ((protocol !== 'https:' && protocol !== 'http:') || username !== '') throw noPicture('its address is not one');
  const { allowedNetworks, proxyUrl } = target;
  const headers = { accept: 'image/*,*/*;q=0.5', 'user-agent': 'sluice' };
  return upstreamClient.open({
    origin,
    path: pathname + search,
    method: 'GET',
    headers,
    body: null,
    proxyUrl,
    allowedNetworks,
  });
}

function redirectOf({ status, headers }: UpstreamExchange, from: string): string | null {
  const { location } = headers;
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return null;
  return URL.canParse(location, from) ? new URL(location, from).href : null;
}

async function* read(exchange: UpstreamExchange, mostBytes: number): AsyncGenerator<Buffer> {
  throwFailure(exchange);
  if (exchange.status !== 200) throw noPicture(`the answer was ${exchange.status}`);
  const encoding = exchange.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw noPicture(`it is encoded as ${encoding}, which was not asked for`);
  let bytes = 0;
  for (;;) {
    const chunk = exchange.take();
    if (chunk !== null) {
      bytes += chunk.length;
      if (bytes > mostBytes) throw noPicture(`it is larger than ${mostBytes} bytes`);
      yield chunk;
    } else {
      throwFailure(exchange);
      if (exchange.finished) return;
      await exchange.changed();
    }
  }
}

function throwFailure({ failure }: UpstreamExchange): void {
  if (failure !== null) throw noPicture(failure.message);
}

function noPicture(why: string): GatewayError {
  return new GatewayError('upstream_error', { message: `The picture could not be fetched: ${why}.` });
}
