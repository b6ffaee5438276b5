import type { UpstreamClient } from './upstream-client.ts';
import { AddressRefusedError } from './guarded-address.ts';

export interface GuardedPost {
  /** Absolute, http or https. */
  url: string;
  /** Lower-case names. */
  headers: Record<string, string>;
  body: string;
  /** From the beginning to the answer's status. */
  timeoutMs: number;
  /** CIDR ranges outside the public Internet that may be called; plain http goes into these only. */
  allowedNetworks: readonly string[];
}

/** What it came to: a status, or a word about why there is none that is fit to be shown. */
export type PostOutcome = { status: number } | { failure: 'timed out' | 'address refused' | 'unreachable' };

/**
 * Posts to an address that somebody typed in. The connection goes to an address that was checked when it was made, no
 * redirect is followed, and nothing of the answer is read but its status.
 */
export async function postGuarded(client: Pick<UpstreamClient, 'open'>, post: GuardedPost): Promise<PostOutcome> {
  const { origin, pathname, search } = new URL(post.url);
  const exchange = client.open({
    origin,
    path: pathname + search,
    method: 'POST',
    headers: post.headers,
    body: Buffer.from(post.body),
    proxyUrl: null,
    allowedNetworks: post.allowedNetworks,
  });
  const timer = setTimeout(() => exchange.abort(new TimeOut()), post.timeoutMs);
  try {
    while (exchange.status === 0 && exchange.failure === null) await exchange.changed();
    if (exchange.failure) return { failure: wordOf(exchange.failure) };
    return { status: exchange.status };
  } finally {
    clearTimeout(timer);
    exchange.abort(new Error('The status is all that was wanted'));
  }
}

class TimeOut extends Error {}

function wordOf(failure: Error): Extract<PostOutcome, { failure: string }>['failure'] {
  if (failure instanceof TimeOut) return 'timed out';
  return failure instanceof AddressRefusedError || failure.cause instanceof AddressRefusedError
    ? 'address refused'
    : 'unreachable';
}
