import { isSameJson } from '@sluice/kit/json/same-json';
import type { OAuthClient, SealedValue, Upstream, VaultStore } from '../credentials/store.ts';
import type { OAuthEntry, SectionPlan, UpstreamEntry } from './configuration-types.ts';
import { findRepeats } from './repeats.ts';
import { checkUpstreamAddress } from './upstream-address.ts';

export interface UpstreamPlanDeps {
  vault: VaultStore;
  now: number;
  /** Seals the secret of a client to the vault, bound to its upstream. */
  sealClientSecret: (secret: string, upstream: string) => Promise<SealedValue>;
  digest: (text: string) => Promise<string>;
}

export async function planUpstreams(
  deps: UpstreamPlanDeps,
  entries: readonly UpstreamEntry[],
  allowedNetworks: readonly string[],
): Promise<SectionPlan> {
  const plan: SectionPlan = { steps: [], errors: [], warnings: [] };
  plan.errors.push(...findRepeats('upstreams', 'name', entries, (entry) => entry.name));
  for (const [index, entry] of entries.entries()) {
    const address = checkUpstreamAddress({ url: entry.baseUrl, allowedNetworks });
    if (!address.ok) {
      plan.errors.push({ path: `upstreams[${index}].baseUrl`, message: address.message });
      continue;
    }
    const what = `upstreams/${entry.name}`;
    if (address.warning !== null) plan.warnings.push(`${what}: ${address.warning}`);
    const stored = await deps.vault.findUpstream(entry.name);
    const fault = entry.oauth ? checkOAuth(entry.oauth, allowedNetworks) : null;
    if (fault !== null) {
      plan.errors.push({ path: `upstreams[${index}].oauth.${fault.field}`, message: fault.message });
      continue;
    }
    const oauth = await planOAuth(deps, entry, stored?.oauth ?? null);
    const row: Upstream = {
      name: entry.name,
      format: entry.format,
      vendor: entry.vendor,
      baseUrl: address.url,
      ...(oauth.client !== null && { oauth: oauth.client }),
      createdAt: stored?.createdAt ?? deps.now,
      updatedAt: deps.now,
    };
    if (stored && isSame(stored, row)) plan.steps.push({ what, effect: 'unchanged', prepare: null });
    else {
      const effect = stored ? 'updated' : 'created';
      plan.steps.push({
        what,
        effect,
        prepare: async () => {
          const sealed = await oauth.seal();
          return () => deps.vault.putUpstream({ ...row, ...(sealed !== null && { oauth: sealed }) });
        },
      });
    }
  }
  return plan;
}

function isSame(left: Upstream, right: Upstream): boolean {
  return (
    left.format === right.format &&
    left.vendor === right.vendor &&
    left.baseUrl === right.baseUrl &&
    isSameJson(left.oauth ?? null, right.oauth ?? null)
  );
}

function checkOAuth(
  { tokenUrl, authorizeUrl }: OAuthEntry,
  allowedNetworks: readonly string[],
): { field: string; message: string } | null {
  const token = checkUpstreamAddress({ url: tokenUrl, allowedNetworks });
  if (!token.ok) return { field: 'tokenUrl', message: token.message };
  const authorize = authorizeUrl === null ? null : checkUpstreamAddress({ url: authorizeUrl, allowedNetworks });
  return authorize?.ok === false ? { field: 'authorizeUrl', message: authorize.message } : null;
}

/** The client as it will stand; its secret is sealed when all is planned. */
async function planOAuth(
  deps: UpstreamPlanDeps,
  { name, oauth }: UpstreamEntry,
  stored: OAuthClient | null,
): Promise<{ client: OAuthClient | null; seal: () => Promise<OAuthClient | null> }> {
  if (!oauth) {
    const client = oauth === null ? null : stored;
    return { client, seal: async () => client };
  }
  const { clientSecret: given, ...fields } = oauth;
  const digest = given ? await deps.digest(`upstream|${name}|${given}`) : null;
  const isKept = given === undefined || (digest !== null && digest === stored?.clientSecretDigest);
  const kept = isKept ? (stored?.clientSecret ?? null) : null;
  const client = {
    ...fields,
    clientSecret: kept,
    clientSecretDigest: isKept ? (stored?.clientSecretDigest ?? null) : digest,
  };
  const seal = async (): Promise<OAuthClient> =>
    isKept || !given ? client : { ...client, clientSecret: await deps.sealClientSecret(given, name) };
  return { client, seal };
}
