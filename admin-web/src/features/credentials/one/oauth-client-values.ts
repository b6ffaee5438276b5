import { upstreamFields } from '@sluice/contract/upstreams';
import type { Upstream } from '../../../lib/api/upstreams.ts';
import type { UpstreamInput } from './api/put-upstream.ts';
import type { OAuthPreset } from './api/sign-in.ts';

/** An OAuth client of an upstream, as fields of a form hold it. */
export interface OAuthClientValues {
  tokenUrl: string;
  authorizeUrl: string;
  clientId: string;
  /** Empty: what is stored stays. */
  clientSecret: string;
  clientAuth: 'body' | 'basic';
  scope: string;
  redirectUri: string;
  authorizeExtra: Record<string, string>;
}

export function clientOf({ oauth }: Upstream): OAuthClientValues {
  return {
    tokenUrl: oauth?.tokenUrl ?? '',
    authorizeUrl: oauth?.authorizeUrl ?? '',
    clientId: oauth?.clientId ?? '',
    clientSecret: '',
    clientAuth: oauth?.clientAuth ?? 'body',
    scope: oauth?.scope ?? '',
    redirectUri: oauth?.redirectUri ?? '',
    authorizeExtra: oauth?.authorizeExtra ?? {},
  };
}

/** The authorization server of the preset; the client stays whose it is. */
export function withPreset(values: OAuthClientValues, preset: OAuthPreset): OAuthClientValues {
  const { tokenUrl, authorizeUrl, scope, clientAuth, authorizeExtra } = preset;
  return { ...values, tokenUrl, authorizeUrl, scope: scope ?? '', clientAuth, authorizeExtra };
}

/** The upstream as it stands, with this client. */
export function upstreamWith(upstream: Upstream, values: OAuthClientValues): UpstreamInput {
  const { format, vendor, baseUrl, oauth } = upstream;
  const { clientSecret, redirectUri, authorizeExtra } = values;
  return {
    format,
    vendor,
    baseUrl,
    oauth: {
      tokenUrl: values.tokenUrl.trim(),
      authorizeUrl: values.authorizeUrl.trim() || null,
      clientId: values.clientId.trim(),
      clientAuth: values.clientAuth,
      scope: values.scope.trim() || null,
      ...(clientSecret === '' ? {} : { clientSecret }),
      ...(redirectUri.trim() === '' ? {} : { redirectUri: redirectUri.trim() }),
      ...(Object.keys(authorizeExtra).length === 0 ? {} : { authorizeExtra }),
      ...(oauth ? { extra: oauth.extra, policy: oauth.policy } : {}),
    },
  };
}

/** Names of the fields that are not as they should be. An address to sign in at is needed for signing in only. */
export function faultyClient(
  upstream: Upstream,
  values: OAuthClientValues,
  { toSignIn }: { toSignIn: boolean },
): Set<string> {
  const parsed = upstreamFields.safeParse(upstreamWith(upstream, values));
  const faulty = new Set(parsed.success ? [] : parsed.error.issues.map(({ path }) => String(path[1])));
  if (!isAddress(values.tokenUrl)) faulty.add('tokenUrl');
  const authorizeUrl = values.authorizeUrl.trim();
  if (authorizeUrl === '' ? toSignIn : !isAddress(authorizeUrl)) faulty.add('authorizeUrl');
  return faulty;
}

function isAddress(text: string): boolean {
  return /^https?:\/\//.test(text.trim()) && URL.canParse(text.trim());
}
