import { GatewayError, isGatewayError } from '@sluice/kit/errors/gateway-error';
import { addressUpstream } from '@sluice/llm/upstreams/upstreams';
import { CONVERSATION_FORMATS, type FormatName, type UpstreamFormatName } from '@sluice/llm/formats/format-name';
import { featuresOf, type ModelFeatures } from '@sluice/llm/formats/model-features';
import type { AddressedUpstream } from '@sluice/llm/upstreams/vendor';
import type { Model, Price, Route } from '../catalog/store.ts';
import type { KeyLimits } from '../identity/store.ts';
import type { PoolMember } from '../credentials/pool.ts';
import type { Standing } from '../credentials/select.ts';
import type { Credential, Upstream } from '../credentials/store.ts';
import type { OwnedCredential } from '../sharing/store.ts';
import type { createUseRule, Use } from '../sharing/who-may-use.ts';

/** One way to make the call: a route's model at an upstream under one credential, as the pool knows it. */
export interface Candidate extends Standing, PoolMember {
  /** The credential's name. */
  credential: string;
  /** The language that the upstream speaks. */
  format: UpstreamFormatName;
  features: ModelFeatures;
  address: AddressedUpstream;
  /** Of OAuth: the access token that `address` presents; null for other kinds. */
  token: HeldToken | null;
  proxyUrl: string | null;
  /** The route's own price; absent: the model's. */
  price?: Price | undefined;
  /** Of the credential's own. */
  limits: KeyLimits;
  /** How the caller uses it; absent where all credentials are operators'. */
  use?: Use | undefined;
}

/** An access token, without telling it. */
export interface HeldToken {
  /** Null: there is none yet. */
  digest: string | null;
  /** Epoch milliseconds; null = unknown. */
  expiresAt: number | null;
}

/** An upstream with its usable credentials, secrets opened and calls addressed; errors say why one cannot be called. */
export interface OpenedUpstream {
  upstream: Upstream;
  credentials: readonly OpenedCredential[];
  /** Any of them is a user's. */
  hasOwned: boolean;
  /**
   * There are too many to be opened whole: `credentials` are those that are asked first, and of the class that follows
   * each conversation has its own part (`wide-upstreams.ts`). Null: these are all.
   */
  more: { cut: string; slots: number } | null;
}

export interface OpenedCredential {
  credential: Credential;
  address: AddressedUpstream | GatewayError;
  token: HeldToken | null;
  /** With user name and password. */
  proxyUrl: string | null;
  /** Whose it is; null or absent: operators'. */
  owned?: OwnedCredential | null | undefined;
}

/** What a credential's row keeps sealed, opened. */
export interface OpenedSecrets {
  secret: string;
  token: HeldToken | null;
  proxyUrl: string | null;
}

export function openCredential(upstream: Upstream, credential: Credential, opened: OpenedSecrets): OpenedCredential {
  const { token, proxyUrl, secret } = opened;
  return { credential, address: addressFor(upstream, credential, secret), token, proxyUrl };
}

function addressFor(upstream: Upstream, credential: Credential, secret: string): AddressedUpstream | GatewayError {
  const { format } = upstream;
  if (!isKnown(format)) {
    const message = `Upstream "${upstream.name}" speaks ${format}, in which this build cannot ask.`;
    return new GatewayError('upstream_error', { message });
  }
  return addressUpstream(upstream.vendor, {
    upstream: upstream.name,
    baseUrl: upstream.baseUrl,
    format,
    credentialKind: credential.kind,
    secret,
  });
}

function isKnown(format: string): format is UpstreamFormatName {
  return format === 'openai-images' || (CONVERSATION_FORMATS as readonly string[]).includes(format);
}

/** The language in which the candidate converses. @throws GatewayError `upstream_error` where it only draws */
export function conversationFormatOf({ format, upstream }: Candidate): FormatName {
  if (format !== 'openai-images') return format;
  const message = `Upstream "${upstream}" speaks ${format}, in which no conversation can be led.`;
  throw new GatewayError('upstream_error', { message });
}

/**
 * Every way to serve a model, in no order.
 * @throws GatewayError when there is none
 */
export function listCandidates(
  model: Pick<Model, 'maxOutputTokens'>,
  choices: readonly { route: Route; opened: OpenedUpstream | null }[],
  rule: ReturnType<typeof createUseRule> | null = null,
): Candidate[] {
  const candidates: Candidate[] = [];
  let refusal: GatewayError | null = null;
  for (const { route, opened } of choices) {
    if (opened === null) continue;
    const { format, vendor } = opened.upstream;
    for (const one of opened.credentials) {
      const { address, owned = null } = one;
      const use = rule === null ? undefined : rule.useOf(owned);
      if (use === null) continue;
      if (isGatewayError(address)) refusal ??= address;
      else if (isKnown(format)) {
        const features = featuresOf(route.features, { format, vendor, maxOutputTokens: model.maxOutputTokens });
        candidates.push({
          ...candidateOf(route, one),
          format,
          features,
          address,
          ...(rule !== null && use !== undefined && { use, turn: rule.turnOf(use) }),
        });
      }
    }
  }
  if (candidates.length > 0) return candidates;
  if (rule?.isOut) throw outOfPool();
  throw refusal ?? noCredential();
}

function candidateOf(
  route: Route,
  { credential, token, proxyUrl }: OpenedCredential,
): Omit<Candidate, 'format' | 'features' | 'address'> {
  return {
    upstream: route.upstream,
    model: route.model,
    credential: credential.name,
    credentialId: credential.id,
    // What the pool learns of a token says nothing of the next one.
    secretDigest: token === null ? credential.secretDigest : (token.digest ?? ''),
    token,
    routePriority: route.priority,
    routeWeight: route.weight,
    tier: credential.tier,
    priority: credential.priority,
    weight: credential.weight,
    proxyUrl,
    price: route.price,
    limits: credential.limits,
  };
}

function outOfPool(): GatewayError {
  return new GatewayError('insufficient_quota', {
    message:
      'Your quota of the shared pool is used up for this model. It recovers every hour while you share accounts.',
  });
}

/** @param internal for the log: why */
export function noCredential(retryAfterSeconds?: number, internal?: string): GatewayError {
  const message = 'No credential is available for this model at the moment.';
  return new GatewayError('no_credential', { message, retryAfterSeconds, internal });
}
