import { claimAccount } from '@sluice/core/credentials/authorize/claim-account';
import type { CodeOutcome } from '@sluice/core/credentials/authorize/exchange-code';
import type { SignIn } from '@sluice/core/credentials/authorize/store';
import { ALL_MODELS } from '@sluice/core/credentials/pool-state';
import { foldText } from '@sluice/core/credentials/records/store';
import type { Credential, TokensChange } from '@sluice/core/credentials/store';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { notFound } from '../refusal.ts';
import type { AdminServices } from '../services.ts';

/** What the vault gave for a code. */
export type Granted = CodeOutcome & { outcome: 'granted' };

const MOST_FOUND = 50;

/** One account is one credential of an upstream: a second one would be refreshed beside the first. */
export async function keepSignedIn<Kept>(
  services: AdminServices,
  signIn: SignIn,
  granted: Granted,
  write: (row: Credential, tokens: TokensChange) => Promise<Kept>,
): Promise<Kept> {
  const { upstream, plan } = signIn;
  const { credentialId } = plan;
  const accountDigest = granted.signedIn.digest;
  const claim = accountDigest === null ? null : { upstream, accountDigest, credentialId };
  const row = await rowOf(services, signIn, granted);
  if (plan.isNew && (await isKnown(services, upstream, granted))) throw duplicate(granted);
  if (claim !== null && !(await claimAccount(services, claim))) throw duplicate(granted);
  try {
    const kept = await write(row, tokensOf(granted));
    if (!plan.isNew) await noteAnew(services, signIn);
    return kept;
  } catch (thrown) {
    if (claim !== null && plan.isNew) await services.signIns.release({ ...claim, at: 0 }).catch(() => undefined);
    throw thrown;
  }
}

/** Into the credential's log of operations. */
function noteAnew(services: AdminServices, { upstream, plan, userId }: SignIn): Promise<void> {
  const change = { upstream, credentialId: plan.credentialId, model: ALL_MODELS, at: services.clock() };
  const by = plan.sharing === null ? 'operator' : 'owner';
  const marks = { from: 'active', to: 'active' } as const;
  return services.poolStates.appendChange({
    ...change,
    ...marks,
    by,
    who: userId,
    reason: 'signed in anew',
    until: null,
  });
}

/** Credentials that came in by other ways are known by their address only. */
async function isKnown(services: AdminServices, upstream: string, { signedIn: { email } }: Granted): Promise<boolean> {
  if (email === null) return false;
  const { credentials } = await services.records.search(foldText(email), { limit: MOST_FOUND, cursor: null });
  return credentials.some((one) => one.upstream === upstream && one.kind === 'oauth' && isSame(one.email, email));
}

function isSame(known: string | null | undefined, email: string): boolean {
  return known?.toLowerCase() === email;
}

function duplicate({ signedIn: { email } }: Granted): GatewayError {
  return new GatewayError('conflict', { message: `The account ${email ?? 'that signed in'} is here already.` });
}

function tokensOf({ grant, now }: Granted): TokensChange {
  const { accessToken, accessDigest, accessExpiresAt, refreshToken } = grant;
  if (refreshToken === null) return { kind: 'keep' };
  const access = accessToken !== null && accessDigest !== null ? { accessToken, accessDigest, accessExpiresAt } : null;
  return { kind: 'give', refreshToken, access, now };
}

async function rowOf(services: AdminServices, { upstream, plan }: SignIn, granted: Granted): Promise<Credential> {
  const { email } = granted.signedIn;
  const now = services.clock();
  const known = {
    secretDigest: await services.digest(`signed in|${upstream}|${granted.tokenDigest}`),
    tokenDigest: granted.tokenDigest,
  };
  if (!plan.isNew) {
    const stored = await services.vault.findCredential(upstream, plan.credentialId);
    if (!stored) throw notFound('credential of this id');
    if (stored.email && email && !isSame(stored.email, email)) {
      const message = `This credential is of ${stored.email}, and ${email} signed in.`;
      throw new GatewayError('conflict', { message });
    }
    return { ...stored, ...known, email: stored.email ?? email, updatedAt: now };
  }
  const { credentialId: id, clientId, proxyUrl, proxyAuth, proxyAuthDigest, tag, limits } = plan;
  return {
    ...known,
    id,
    upstream,
    name: plan.sharing === null ? await freeName(services, upstream, { name: plan.name ?? email, id }) : id,
    kind: 'oauth',
    tier: 'basic',
    priority: 0,
    weight: 1,
    enabled: true,
    proxyUrl,
    proxyAuth,
    proxyAuthDigest,
    limits,
    secret: null,
    clientId,
    email,
    tag,
    createdAt: now,
    updatedAt: now,
  };
}

/** The name may have been given to another one while somebody signed in: tokens are not lost for that. */
async function freeName(
  services: AdminServices,
  upstream: string,
  { name, id }: { name: string | null; id: string },
): Promise<string> {
  if (name === null) return id;
  const short = name.slice(0, 80);
  const isTaken = (await services.vault.findCredentialByName(upstream, short)) !== null;
  return isTaken ? `${short}-${id.slice(-6)}` : short;
}
