import { upstreamEntry, type upstreamFields } from '@sluice/contract/upstreams';
import type { z } from 'zod';
import type { Upstream } from '../../lib/api/upstreams.ts';
import type { NumberText } from './price-form.ts';
import { PRESETS, type UpstreamFormat, type Vendor } from './upstream-presets.ts';

type OAuthPolicy = NonNullable<Upstream['oauth']>['policy'];

interface OAuthForm {
  tokenUrl: string;
  authorizeUrl: string;
  clientId: string;
  /** Empty: what is stored stays. */
  clientSecret: string;
  forgetSecret: boolean;
  clientAuth: 'body' | 'basic';
  scope: string;
  redirectUri: string;
  /** `name=value`, one a line. */
  extra: string;
  authorizeExtra: string;
  serverError: OAuthPolicy['serverError'];
  serverErrorTries: NumberText;
  ambiguous: OAuthPolicy['ambiguous'];
}

export interface UpstreamForm {
  name: string;
  vendor: Vendor;
  format: UpstreamFormat;
  baseUrl: string;
  hasOAuth: boolean;
  oauth: OAuthForm;
}

export type UpstreamInput = z.input<typeof upstreamFields>;

const EMPTY_OAUTH: OAuthForm = {
  tokenUrl: '',
  authorizeUrl: '',
  clientId: '',
  clientSecret: '',
  forgetSecret: false,
  clientAuth: 'body',
  scope: '',
  redirectUri: '',
  extra: '',
  authorizeExtra: '',
  serverError: 'not-consumed',
  serverErrorTries: 5,
  ambiguous: 'stop',
};

/** A new upstream of this vendor, as it usually is. */
export function emptyUpstream(vendor: Vendor): UpstreamForm {
  const preset = PRESETS.find(({ id }) => id === vendor);
  const { name = '', format = 'openai-chat', baseUrl = '' } = preset ?? {};
  return { name, vendor, format, baseUrl, hasOAuth: false, oauth: EMPTY_OAUTH };
}

export function formOfUpstream(upstream: Upstream): UpstreamForm {
  const { name, vendor, format, baseUrl, oauth } = upstream;
  return { name, vendor, format, baseUrl, hasOAuth: oauth !== null, oauth: oauth ? formOfOAuth(oauth) : EMPTY_OAUTH };
}

function formOfOAuth(oauth: NonNullable<Upstream['oauth']>): OAuthForm {
  return {
    ...EMPTY_OAUTH,
    tokenUrl: oauth.tokenUrl,
    authorizeUrl: oauth.authorizeUrl ?? '',
    clientId: oauth.clientId,
    clientAuth: oauth.clientAuth,
    scope: oauth.scope ?? '',
    redirectUri: oauth.redirectUri ?? '',
    extra: linesOf(oauth.extra),
    authorizeExtra: linesOf(oauth.authorizeExtra ?? {}),
    ...oauth.policy,
  };
}

export function upstreamOf(form: UpstreamForm): UpstreamInput {
  const { vendor, format, baseUrl, hasOAuth, oauth } = form;
  return { vendor, format, baseUrl: baseUrl.trim(), oauth: hasOAuth ? oauthOf(oauth) : null };
}

function oauthOf(form: OAuthForm): UpstreamInput['oauth'] {
  const authorizeExtra = fieldsOf(form.authorizeExtra);
  return {
    tokenUrl: form.tokenUrl.trim(),
    authorizeUrl: form.authorizeUrl.trim() || null,
    clientId: form.clientId.trim(),
    ...(form.forgetSecret ? { clientSecret: null } : form.clientSecret !== '' && { clientSecret: form.clientSecret }),
    clientAuth: form.clientAuth,
    scope: form.scope.trim() || null,
    extra: fieldsOf(form.extra),
    ...(form.redirectUri.trim() !== '' && { redirectUri: form.redirectUri.trim() }),
    ...(Object.keys(authorizeExtra).length > 0 && { authorizeExtra }),
    policy: {
      serverError: form.serverError,
      serverErrorTries: Number(form.serverErrorTries),
      ambiguous: form.ambiguous,
    },
  };
}

const FIELDS = [
  'name',
  'baseUrl',
  'tokenUrl',
  'authorizeUrl',
  'clientId',
  'clientSecret',
  'scope',
  'redirectUri',
  'extra',
  'authorizeExtra',
  'serverErrorTries',
] as const;
export type UpstreamFault = 'taken' | (typeof FIELDS)[number];

/**
 * What the API would refuse at first sight, by the path of the field: `oauth.clientId`.
 * @param taken names that a new upstream may not have, for it would take the place of the one that has it
 */
export function faultsOfUpstream(form: UpstreamForm, taken: readonly string[] = []): Record<string, UpstreamFault> {
  if (taken.includes(form.name.trim())) return { name: 'taken' };
  const parsed = upstreamEntry.safeParse({ name: form.name.trim(), ...upstreamOf(form) });
  const faults: Record<string, UpstreamFault> = Object.fromEntries(
    (parsed.success ? [] : parsed.error.issues).flatMap(({ path }) => faultAt(path)),
  );
  const addresses = form.hasOAuth ? (['baseUrl', 'oauth.tokenUrl'] as const) : (['baseUrl'] as const);
  for (const path of addresses) {
    const text = path === 'baseUrl' ? form.baseUrl : form.oauth.tokenUrl;
    if (!URL.canParse(text.trim())) faults[path] = path === 'baseUrl' ? 'baseUrl' : 'tokenUrl';
  }
  return faults;
}

function faultAt(path: readonly PropertyKey[]): [string, UpstreamFault][] {
  // What is wrong with one of the further fields is told at their common field.
  const at = path.findIndex((part) => FIELDS.some((known) => known === part));
  const field = FIELDS.find((known) => known === path[at]);
  return field === undefined
    ? []
    : [
        [
          path
            .slice(0, at + 1)
            .filter((part) => part !== 'policy')
            .join('.'),
          field,
        ],
      ];
}

function linesOf(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');
}

/** A line without `=` is a field without a value. */
function fieldsOf(lines: string): Record<string, string> {
  const pairs = lines
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line): [string, string] => {
      const at = line.indexOf('=');
      return at === -1 ? [line, ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    });
  return Object.fromEntries(pairs);
}
