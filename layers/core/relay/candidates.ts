import { GatewayError, isGatewayError } from '@sluice/kit/errors/gateway-error';
import { addressUpstream } from '@sluice/llm/upstreams/upstreams';
import type { AddressedCall } from '@sluice/llm/upstreams/vendor';
import type { Route } from '../catalog/store.ts';
import type { KeyLimits } from '../identity/store.ts';
import type { PoolMember } from '../credentials/pool.ts';
import type { Standing } from '../credentials/select.ts';
import type { Credential, Upstream } from '../credentials/store.ts';

/** One way to make the call: a route's model at an upstream under one credential, as the pool knows it. */
export interface Candidate extends Standing, PoolMember {
  /** The credential's name. */
  credential: string;
  address: AddressedCall;
  proxyUrl: string | null;
  /** Of the credential's own. */
  limits: KeyLimits;
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
 * Every way to serve a model, in no order.
 * @throws GatewayError when there is none
 */
export function listCandidates(choices: readonly { route: Route; opened: OpenedUpstream | null }[]): Candidate[] {
  const candidates: Candidate[] = [];
  let refusal: GatewayError | null = null;
  for (const { route, opened } of choices) {
    for (const { credential, address } of opened?.credentials ?? []) {
      if (isGatewayError(address)) refusal ??= address;
      else candidates.push(candidateOf(route, credential, address));
    }
  }
  if (candidates.length > 0) return candidates;
  throw refusal ?? noCredential();
}

function candidateOf(route: Route, credential: Credential, address: AddressedCall): Candidate {
  return {
    upstream: route.upstream,
    model: route.model,
    credential: credential.name,
    credentialId: credential.id,
    secretDigest: credential.secretDigest,
    routePriority: route.priority,
    routeWeight: route.weight,
    tier: credential.tier,
    priority: credential.priority,
    weight: credential.weight,
    address,
    proxyUrl: credential.proxyUrl,
    limits: credential.limits,
  };
}

/** @param internal for the log: why */
export function noCredential(retryAfterSeconds?: number, internal?: string): GatewayError {
  const message = 'No credential is available for this model at the moment.';
  return new GatewayError('no_credential', { message, retryAfterSeconds, internal });
}
