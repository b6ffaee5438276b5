import { GatewayError, isGatewayError } from '@sluice/kit/errors/gateway-error';
import { addressUpstream } from '@sluice/llm/upstreams/upstreams';
import type { AddressedCall } from '@sluice/llm/upstreams/vendor';
import type { Route } from '../catalog/store.ts';
import type { Credential, Upstream } from '../credentials/store.ts';

/** One way to make the call: a route's model at an upstream under one credential. */
export interface Candidate {
  upstream: string;
  credential: string;
  /** The upstream's own name of the model. */
  model: string;
  address: AddressedCall;
  proxyUrl: string | null;
}

/** An upstream with its usable credentials, secrets opened and calls addressed; errors say why one cannot be called. */
export interface OpenedUpstream {
  upstream: Upstream;
  credentials: readonly OpenedCredential[];
}

export interface OpenedCredential {
  credential: Credential;
  address: AddressedCall | GatewayError;
}

export function openCredential(upstream: Upstream, credential: Credential, secret: string): OpenedCredential {
  const address = addressUpstream(upstream.vendor, {
    upstream: upstream.name,
    baseUrl: upstream.baseUrl,
    format: upstream.format,
    credentialKind: credential.kind,
    secret,
  });
  return { credential, address };
}

/**
 * Every way to serve a model, best first: by the route's priority, then the credential's; among equals by chance in
 * proportion to the weights.
 * @throws GatewayError when there is none
 */
export function listCandidates(
  choices: readonly { route: Route; opened: OpenedUpstream | null }[],
  random: () => number,
): Candidate[] {
  const candidates: Candidate[] = [];
  let refusal: GatewayError | null = null;
  for (const { route, opened } of inOrder(choices, (choice) => choice.route, random)) {
    for (const { credential, address } of inOrder(opened?.credentials ?? [], (entry) => entry.credential, random)) {
      if (isGatewayError(address)) {
        refusal ??= address;
        continue;
      }
      const { proxyUrl } = credential;
      candidates.push({ upstream: route.upstream, credential: credential.name, model: route.model, address, proxyUrl });
    }
  }
  if (candidates.length > 0) return candidates;
  throw (
    refusal ??
    new GatewayError('no_credential', { message: 'No credential is available for this model at the moment.' })
  );
}

interface Ranked {
  priority: number;
  weight: number;
}

/** Weighted order without replacement (Efraimidis and Spirakis 2006); weight 0 comes last among its equals. */
function inOrder<Item>(items: readonly Item[], rankOf: (item: Item) => Ranked, random: () => number): readonly Item[] {
  if (items.length < 2) return items;
  return items
    .map((item) => {
      const { priority, weight } = rankOf(item);
      return { item, priority, draw: weight > 0 ? -Math.log(1 - random()) / weight : Infinity };
    })
    .toSorted((left, right) => left.priority - right.priority || compare(left.draw, right.draw))
    .map(({ item }) => item);
}

/** Subtraction would make NaN of two infinities. */
function compare(left: number, right: number): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
