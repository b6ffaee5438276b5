import { randomBytes } from 'node:crypto';
import { mapLimited } from '@sluice/kit/async/map-limited';
import { createPrefixedId } from '@sluice/kit/ids/prefixed-id';
import { isSameJson } from '@sluice/kit/json/same-json';
import type { Credential, SealedValue, TokensChange, VaultStore } from '../credentials/store.ts';
import type { CredentialEntry, SectionPlan, Step } from './configuration-types.ts';
import { findRepeats } from './repeats.ts';
import { checkProxyAddress } from './upstream-address.ts';

/** `refreshToken` goes to the row of the tokens. */
export type SealedField = 'secret' | 'proxyAuth' | 'refreshToken';

export interface CredentialPlanDeps {
  vault: VaultStore;
  now: number;
  /** Seals a secret to the vault, bound to its row and to what it is. */
  sealSecret: (secret: string, row: Pick<Credential, 'upstream' | 'id'>, field: SealedField) => Promise<SealedValue>;
  /** By what one secret is known to be one credential's (core/credentials/duplicates.ts). */
  marks: {
    refreshTokenDigest: (refreshToken: string) => string;
    secretMark: (facts: SecretFacts) => string | null;
  };
  /** Keyed digest of a text, so that an unchanged secret is known without reading it. */
  digest: (text: string) => Promise<string>;
}

/** @param knownUpstreams names that are stored or come with the same document */
export async function planCredentials(
  deps: CredentialPlanDeps,
  entries: readonly CredentialEntry[],
  allowedNetworks: readonly string[],
  knownUpstreams: ReadonlySet<string>,
): Promise<SectionPlan> {
  const plan: SectionPlan = { steps: [], errors: [], warnings: [] };
  plan.errors.push(...findRepeats('credentials', 'name', entries, (entry) => `${entry.upstream}\n${entry.name}`));
  const bizIds = entries.map(({ bizId }, index) => bizId || `\n${index}`);
  plan.errors.push(...findRepeats('credentials', 'bizId', bizIds, (bizId) => bizId));
  const planned = await mapLimited(entries, READS_AT_ONCE, (entry) =>
    planEntry(deps, entry, { allowedNetworks, knownUpstreams }),
  );
  const marks = new Map<string, number>();
  for (const [index, one] of planned.entries()) {
    const path = `credentials[${index}]`;
    if ('fault' in one) {
      plan.errors.push({ path: `${path}.${one.fault.field}`, message: one.fault.message });
      continue;
    }
    const first = one.mark === null ? undefined : marks.get(one.mark.text);
    if (one.mark !== null && first !== undefined) {
      plan.errors.push({ path: `${path}.${one.mark.field}`, message: `It is that of credentials[${first}]` });
    } else if (one.mark !== null) marks.set(one.mark.text, index);
    plan.steps.push(one.step);
  }
  return plan;
}

const READS_AT_ONCE = 16;

interface Fault {
  field: string;
  message: string;
}

/** By what a new secret is known, and where it stands in the entry. */
interface NewMark {
  text: string;
  field: string;
}

async function planEntry(
  deps: CredentialPlanDeps,
  entry: CredentialEntry,
  known: { allowedNetworks: readonly string[]; knownUpstreams: ReadonlySet<string> },
): Promise<{ step: Step; mark: NewMark | null } | { fault: Fault }> {
  if (!known.knownUpstreams.has(entry.upstream)) {
    return { fault: { field: 'upstream', message: `There is no upstream ${entry.upstream}` } };
  }
  const existing = await deps.vault.findCredentialByName(entry.upstream, entry.name);
  const fault = checkSecrets(entry, existing);
  if (fault !== null) return { fault };
  const proxy = entry.proxyUrl
    ? checkProxyAddress({ url: entry.proxyUrl, allowedNetworks: known.allowedNetworks })
    : null;
  if (proxy && !proxy.ok) return { fault: { field: 'proxyUrl', message: proxy.message } };
  const proxyUrl = proxy ? proxy.url : entry.proxyUrl;
  const { row, step } = await planCredential(deps, { ...entry, proxyUrl, proxyAuth: proxy?.auth ?? null }, existing);
  const { secretMark } = deps.marks;
  const text = secretMark(row);
  if (text === null || (existing !== null && secretMark(existing) === text)) return { step, mark: null };
  const field = SECRET_FIELDS[entry.kind];
  const other = await deps.vault.findCredentialBySecret(text);
  if (other !== null && !(other.id === existing?.id && other.upstream === existing.upstream)) {
    return { fault: { field, message: `It is that of the credential ${other.upstream}/${other.name}` } };
  }
  return { step, mark: { text, field } };
}

/** What each kind is presented with. A new credential needs it; what belongs to another kind is refused. */
const SECRET_FIELDS = { api_key: 'secret', aws_role: 'secret', oauth: 'refreshToken', headers: 'headers' } as const;

function checkSecrets(entry: CredentialEntry, existing: Credential | null): Fault | null {
  const own = SECRET_FIELDS[entry.kind];
  for (const field of ['secret', 'refreshToken', 'headers'] as const) {
    if (field !== own && entry[field] !== undefined) {
      return { field, message: `A credential of kind ${entry.kind} has no ${field}` };
    }
  }
  if (existing && existing.kind !== entry.kind) {
    return { field: 'kind', message: `It is of kind ${existing.kind}; make a new credential for another kind` };
  }
  // AWS is called with the role of the relay itself, which needs no secret.
  const needs = entry.kind === 'aws_role' ? false : !existing && entry[own] === undefined;
  if (!needs) return null;
  return {
    field: own,
    message: own === 'secret' ? 'A new credential needs its secret' : `A new credential needs ${own}`,
  };
}

/** The text that is sealed; undefined where none is given. */
function secretOf({ kind, secret, refreshToken, headers }: CredentialEntry): string | undefined {
  if (kind === 'oauth') return refreshToken;
  if (kind === 'headers') return headers && JSON.stringify(headers);
  return secret;
}

type Entry = CredentialEntry & { proxyAuth: string | null };

/** @param existing the row that the entry changes; null makes a new one */
async function planCredential(
  deps: CredentialPlanDeps,
  entry: Entry,
  existing: Credential | null,
): Promise<{ row: SecretFacts; step: Step }> {
  const what = `credentials/${entry.upstream}/${entry.name}`;
  const secret = secretOf(entry) ?? (existing ? undefined : '');
  const digest = secret === undefined ? null : await deps.digest(`credential|${entry.upstream}|${secret}`);
  const fields = await fieldsOf(deps, entry, existing);
  const sameSecret = digest === null || digest === existing?.secretDigest;
  const facts: SecretFacts = {
    kind: entry.kind,
    upstream: entry.upstream,
    secretDigest: digest ?? existing?.secretDigest ?? '',
    tokenDigest:
      entry.kind === 'oauth' && secret && !sameSecret
        ? deps.marks.refreshTokenDigest(secret)
        : (existing?.tokenDigest ?? null),
  };
  if (existing && sameSecret && sameFields(existing, fields)) {
    return { row: facts, step: { what, effect: 'unchanged', prepare: null } };
  }
  const step: Step = {
    what,
    effect: existing ? 'updated' : 'created',
    prepare: async () => {
      const isOAuth = entry.kind === 'oauth';
      const isGiven = !existing || !sameSecret;
      const sealed = isGiven && (await deps.sealSecret(secret ?? '', fields, isOAuth ? 'refreshToken' : 'secret'));
      const keptAuth = existing?.proxyAuthDigest === fields.proxyAuthDigest ? (existing?.proxyAuth ?? null) : null;
      const proxyAuth =
        entry.proxyAuth && keptAuth === null ? await deps.sealSecret(entry.proxyAuth, fields, 'proxyAuth') : keptAuth;
      const row: Credential = {
        ...fields,
        proxyAuth,
        secret: isOAuth ? null : sealed || (existing?.secret ?? null),
        secretDigest: facts.secretDigest,
        tokenDigest: facts.tokenDigest ?? null,
        createdAt: existing?.createdAt ?? deps.now,
        updatedAt: deps.now,
      };
      const tokens: TokensChange =
        isOAuth && sealed ? { kind: 'give', refreshToken: sealed, now: deps.now } : { kind: 'keep' };
      return () => deps.vault.putCredential(row, tokens);
    },
    ...switchedBy(existing, fields, !sameSecret),
  };
  return { row: facts, step };
}

function switchedBy(existing: Credential | null, fields: Fields, replaced: boolean): Pick<Step, 'switched'> {
  const { upstream, id, enabled } = fields;
  if (existing === null || (existing.enabled === enabled && !replaced)) return {};
  return { switched: { upstream, id, enabled: existing.enabled === enabled ? null : enabled, replaced } };
}

type SecretFacts = Pick<Credential, 'kind' | 'upstream' | 'secretDigest' | 'tokenDigest'>;
type Fields = Omit<Credential, 'secret' | 'secretDigest' | 'tokenDigest' | 'proxyAuth' | 'createdAt' | 'updatedAt'>;

async function fieldsOf(deps: CredentialPlanDeps, entry: Entry, existing: Credential | null): Promise<Fields> {
  const auth = entry.proxyAuth === null ? null : await deps.digest(`proxy|${entry.upstream}|${entry.proxyAuth}`);
  // A proxy address as it is shown, without its password, keeps the password.
  const isSameProxy =
    entry.proxyUrl === undefined || (entry.proxyUrl !== null && entry.proxyUrl === existing?.proxyUrl);
  return {
    id: existing?.id ?? createPrefixedId('crd'),
    upstream: entry.upstream,
    name: entry.name,
    kind: entry.kind,
    tier: entry.tier ?? existing?.tier ?? 'basic',
    priority: entry.priority ?? existing?.priority ?? 0,
    weight: entry.weight ?? existing?.weight ?? 1,
    enabled: entry.enabled ?? existing?.enabled ?? true,
    disabledByOwner: existing?.disabledByOwner ?? false,
    proxyUrl: entry.proxyUrl === undefined ? (existing?.proxyUrl ?? null) : entry.proxyUrl,
    proxyAuthDigest: auth ?? (isSameProxy ? (existing?.proxyAuthDigest ?? null) : null),
    // The password of a member of the list is bound to the member; one that is given here, to this row.
    proxyMember: isSameProxy && entry.proxyAuth === null ? (existing?.proxyMember ?? null) : null,
    limits: entry.limits ?? existing?.limits ?? {},
    clientId: entry.clientId === undefined ? (existing?.clientId ?? null) : entry.clientId,
    bizId: bizIdOf(entry, existing),
    email: entry.email === undefined ? (existing?.email ?? null) : entry.email,
    tag: entry.tag === undefined ? (existing?.tag ?? null) : entry.tag,
    memo: entry.memo === undefined ? (existing?.memo ?? null) : entry.memo,
  };
}

/** Machines find every OAuth credential by one: where none is given, a new one gets 32 hexadecimal digits. */
function bizIdOf({ kind, bizId }: Entry, existing: Credential | null): string | null {
  if (existing !== null) return bizId === undefined ? (existing.bizId ?? null) : bizId || null;
  return bizId || (kind === 'oauth' && bizId !== null ? randomBytes(16).toString('hex') : null);
}

function sameFields(existing: Credential, fields: Fields): boolean {
  const { limits, ...plain } = fields;
  const names = Object.keys(plain) as (keyof typeof plain)[];
  return (
    names.every(
      (name) => (existing[name] ?? null) === ((plain[name] as unknown) ?? null) || isUnset(existing[name], plain[name]),
    ) && isSameJson(existing.limits, limits)
  );
}

/** What older rows do not carry is as if it said no. */
function isUnset(stored: unknown, planned: unknown): boolean {
  return stored === undefined && planned === false;
}
