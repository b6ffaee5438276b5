import { GatewayError, isGatewayError } from '@sluice/kit/errors/gateway-error';
import { createPrefixedId } from '@sluice/kit/ids/prefixed-id';
import type { Clock } from '@sluice/kit/time/clock';
import type { CatalogStore, Model, Settings } from '../catalog/store.ts';
import { secretMark } from '../credentials/duplicates.ts';
import type { Credential, SealedValue, TokensChange, VaultStore } from '../credentials/store.ts';
import type { User } from '../identity/store.ts';
import type { LedgerAccountStore } from '../metering/account-store.ts';
import { changeOf, hourOf, unitsOf, type PoolRules, type Step } from './pool-rules.ts';
import { ownedName } from './who-may-use.ts';
import { accountOfCredential, remainingOf, type Remaining } from './remaining.ts';
import {
  UNITS_PER_ONE,
  type OwnedCredential,
  type OwnedCredentialStore,
  type PoolAccount,
  type QuotaPoolStore,
} from './store.ts';

/*
 * Whatever happens to a credential of a user, by its owner or by an operator, ends in one place: `settle` compares the
 * models that should count it with those that do, and writes the difference and the quota that it moves in one
 * transaction, under the revisions of both. So what is done twice moves nothing, and a crash leaves nothing half done.
 */

export interface SharingDeps {
  owned: OwnedCredentialStore;
  pools: QuotaPoolStore;
  vault: Pick<
    VaultStore,
    | 'findUpstream'
    | 'listUpstreams'
    | 'listCredentials'
    | 'findCredential'
    | 'findCredentialBySecret'
    | 'putCredential'
    | 'deleteCredential'
  >;
  accounts: Pick<LedgerAccountStore, 'read'>;
  catalog: Pick<CatalogStore, 'listModels' | 'readSettings'>;
  clock: Clock;
  /** Minutes east of UTC that days and months of limits follow. */
  timeZoneOffsetMinutes: number;
}

/** A credential with what its owner says of it. `credential` is null while it is made, and after an operator deleted it. */
export interface OwnedPair {
  owned: OwnedCredential;
  credential: Credential | null;
}

export type OwnedChange = Partial<Pick<OwnedCredential, 'name' | 'sharing' | 'enabled' | 'modelsOff' | 'removing'>>;

export interface NewCredential {
  upstream: string;
  name: string;
  secret: string;
  sharing: OwnedCredential['sharing'];
  limits: Credential['limits'];
}

/** What is needed to make a credential, and only admin has. */
export interface Sealing {
  sealSecret: (secret: string, row: Pick<Credential, 'upstream' | 'id'>) => Promise<SealedValue>;
  digest: (text: string) => Promise<string>;
}

const MOST_ROUNDS = 8;
/** Models that are moved in one write; those of a larger upstream take several, each of which stands for itself. */
const MOST_AT_ONCE = 40;
/** A user's own. */
const MOST_OWNED = 100;
/** Between the two writes that make a credential. */
const MAKING_MS = 10 * 60_000;

export function poolRules(settings: Pick<Settings, 'sharedQuotaPerCredential' | 'sharedQuotaRecovery'>): PoolRules {
  return {
    perCredential: unitsOf(settings.sharedQuotaPerCredential),
    recoveryPerHour: unitsOf(settings.sharedQuotaRecovery),
  };
}

/** Public models that an upstream serves. */
export function modelsOf(models: readonly Model[], upstream: string): Model[] {
  return models.filter(({ routes }) => routes.some((route) => route.upstream === upstream));
}

export async function remainingByClass(
  deps: Pick<SharingDeps, 'accounts' | 'clock' | 'timeZoneOffsetMinutes'>,
  credential: Credential,
): Promise<(quotaClass: Model['class']) => Remaining> {
  const isLimited = Object.keys(credential.limits).length > 0;
  const account = isLimited ? await deps.accounts.read(accountOfCredential(credential.id), { consistent: true }) : null;
  const facts = { credential, account, nowMs: deps.clock(), offsetMinutes: deps.timeZoneOffsetMinutes };
  return (quotaClass) => remainingOf({ ...facts, class: quotaClass });
}

/** All of a user's, oldest first; those that are being removed, or were never made, are left out. */
export async function listOwned(
  deps: SharingDeps,
  ownerId: string,
): Promise<{ owned: OwnedCredential; credential: Credential }[]> {
  const mine = (await deps.owned.listOfOwner(ownerId)).filter(({ removing }) => !removing);
  const pairs = await Promise.all(
    mine.map(async (owned) => ({
      owned,
      credential: await deps.vault.findCredential(owned.upstream, owned.credentialId),
    })),
  );
  return pairs
    .filter((pair): pair is { owned: OwnedCredential; credential: Credential } => pair.credential !== null)
    .toSorted((left, right) => left.owned.createdAt - right.owned.createdAt);
}

/**
 * The owner's mark is written before the credential, so that a credential is never anybody's but its owner's; what a
 * crash leaves in between is taken away by the next pass.
 * @throws GatewayError `conflict` when the upstream knows the secret already, `invalid_field`
 */
export async function addOwned(deps: SharingDeps & Sealing, owner: User, given: NewCredential): Promise<OwnedPair> {
  const { upstream, secret } = given;
  if (!(await deps.vault.findUpstream(upstream))) {
    throw new GatewayError('invalid_field', { message: `There is no upstream ${upstream}.`, param: 'upstream' });
  }
  const [secretDigest] = await Promise.all([
    deps.digest(`credential|${upstream}|${secret}`),
    assertRoom(deps, owner.id),
  ]);
  const mark = secretMark({ kind: 'api_key', upstream, secretDigest });
  if (mark !== null && (await deps.vault.findCredentialBySecret(mark))) {
    throw new GatewayError('conflict', {
      message: 'This secret is already an account of the upstream.',
      param: 'secret',
    });
  }
  const id = createPrefixedId('crd');
  const sealed = await deps.sealSecret(secret, { upstream, id });
  return placeOwned(deps, owner, { ...given, id, kind: 'api_key', secret: sealed, secretDigest });
}

/** @throws GatewayError `conflict` */
export async function assertRoom({ owned }: Pick<SharingDeps, 'owned'>, ownerId: string): Promise<void> {
  if ((await owned.listOfOwner(ownerId)).length < MOST_OWNED) return;
  throw new GatewayError('conflict', { message: `A user has at most ${MOST_OWNED} accounts.` });
}

/** A credential of a user that has passed every check. */
export interface CheckedCredential
  extends
    Pick<NewCredential, 'upstream' | 'name' | 'sharing' | 'limits'>,
    Pick<Credential, 'id' | 'kind' | 'secret' | 'secretDigest' | 'tokenDigest' | 'clientId' | 'email'> {}

export async function placeOwned(
  deps: SharingDeps,
  owner: Pick<User, 'id'>,
  given: CheckedCredential,
  tokens?: TokensChange,
): Promise<OwnedPair> {
  const { id, upstream, name, sharing, ...row } = given;
  const now = deps.clock();
  const mark: OwnedCredential = {
    upstream,
    credentialId: id,
    ownerId: owner.id,
    name,
    sharing,
    enabled: true,
    modelsOff: [],
    removing: false,
    counted: [],
    revision: 1,
    createdAt: now,
    updatedAt: now,
  };
  await deps.owned.create(mark);
  const credential: Credential = {
    ...row,
    id,
    upstream,
    // Names of credentials are operators' to give; what the owner calls it stands with the owner.
    name: ownedName(id),
    tier: 'basic',
    priority: 0,
    weight: 1,
    enabled: true,
    proxyUrl: null,
    createdAt: now,
    updatedAt: now,
  };
  await deps.vault.putCredential(credential, tokens).catch(async (thrown: unknown) => {
    // A refusal is certain; anything else may have been written, and the next pass looks.
    if (isGatewayError(thrown)) await deps.owned.delete(mark).catch(() => false);
    throw thrown;
  });
  const pair = await settle(deps, { upstream, credentialId: id });
  if (!pair) throw new GatewayError('conflict', { message: 'The account was deleted while it was made.' });
  return pair;
}

/**
 * Brings a credential of a user to what is asked, and to what else has come to be; repeated freely.
 * @returns null when there is none
 * @throws GatewayError `store_unavailable`; asking again tells
 */
export async function settle(
  deps: SharingDeps,
  { upstream, credentialId }: Pick<OwnedCredential, 'upstream' | 'credentialId'>,
  change: OwnedChange = {},
): Promise<OwnedPair | null> {
  const [models, settings] = await Promise.all([deps.catalog.listModels(), deps.catalog.readSettings()]);
  const rules = poolRules(settings);
  for (let lost = 0; lost < MOST_ROUNDS;) {
    const owned = await deps.owned.find(upstream, credentialId);
    if (owned === null) return null;
    const credential = await deps.vault.findCredential(upstream, credentialId);
    const wanted = { ...owned, ...change };
    const moves = movesOf(owned.counted, counts(wanted, credential) ? modelsOf(models, upstream) : []);
    if (moves.length === 0 && isSame(owned, wanted)) return { owned, credential };
    const now = moves.slice(0, MOST_AT_ONCE);
    const steps = await stepsOf(deps, { moves: now, models, credential });
    const moved =
      steps.length === 0 ? null : changeOf(await upToDate(deps, owned.ownerId, rules), { hour: 0, steps, rules });
    const counted = countedAfter(owned.counted, now);
    const next = { ...wanted, counted, revision: owned.revision + 1, updatedAt: deps.clock() };
    const outcome = await deps.owned.move(next, moved);
    // Somebody came between, or our own first sending did: look again.
    if (outcome !== 'moved') lost += 1;
    else if (moves.length === now.length) return { owned: next, credential };
  }
  throw new GatewayError('store_unavailable', {
    message: 'The account kept changing. Please try again.',
    retryAfterSeconds: 1,
  });
}

/** The account with all the hours that have passed, so that they are given for what was shared in them. */
async function upToDate(deps: SharingDeps, userId: string, rules: PoolRules): Promise<PoolAccount> {
  const hour = hourOf(deps.clock());
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const account = await deps.pools.ensure(userId, deps.clock());
    const change = changeOf(account, { hour, steps: [], rules });
    if (change === null) return account;
    await deps.pools.change(change);
  }
  throw new GatewayError('store_unavailable', { message: 'The quota kept changing. Please try again.' });
}

type Move = Pick<Step, 'model' | 'kind'>;

function movesOf(before: readonly string[], served: readonly Model[]): Move[] {
  const after = served.map(({ name }) => name);
  const removed = before.filter((model) => !after.includes(model));
  const added = after.filter((model) => !before.includes(model));
  return [
    ...removed.map((model): Move => ({ model, kind: 'remove' })),
    ...added.map((model): Move => ({ model, kind: 'add' })),
  ];
}

function countedAfter(counted: readonly string[], moves: readonly Move[]): string[] {
  const moved = new Map(moves.map(({ model, kind }) => [model, kind]));
  const stay = counted.filter((model) => moved.get(model) !== 'remove');
  return [...stay, ...moves.filter(({ kind }) => kind === 'add').map(({ model }) => model)].toSorted();
}

/** "Disabled by its owner", "disabled by an operator" and "used up" are three things; the last one moves nothing. */
function counts({ sharing, enabled, removing }: OwnedCredential, credential: Credential | null): boolean {
  return sharing === 'shared' && enabled && !removing && credential !== null && credential.enabled;
}

async function stepsOf(
  deps: SharingDeps,
  { moves, models, credential }: { moves: readonly Move[]; models: readonly Model[]; credential: Credential | null },
): Promise<Step[]> {
  if (moves.length === 0) return [];
  const remaining = credential && (await remainingByClass(deps, credential));
  return moves.map((move) => {
    const quotaClass = models.find(({ name }) => name === move.model)?.class ?? 'chat';
    return { ...move, fraction: remaining?.(quotaClass).fraction ?? UNITS_PER_ONE };
  });
}

function isSame(left: OwnedCredential, right: OwnedCredential): boolean {
  return (
    left.name === right.name &&
    left.sharing === right.sharing &&
    left.enabled === right.enabled &&
    left.removing === right.removing &&
    left.modelsOff.join('\n') === right.modelsOff.join('\n')
  );
}

/** Quota first, then the secret, then whose it was: at no moment is it a credential without an owner. */
export async function removeOwned(
  deps: SharingDeps,
  place: Pick<OwnedCredential, 'upstream' | 'credentialId'>,
): Promise<boolean> {
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const pair = await settle(deps, place, { removing: true });
    if (pair === null) return round > 1;
    await deps.vault.deleteCredential(place.upstream, place.credentialId);
    if (await deps.owned.delete(pair.owned)) return true;
  }
  throw new GatewayError('store_unavailable', { message: 'The account kept changing. Please try again.' });
}

/**
 * What operators did meanwhile, and what a crash left: counted anew, or taken away where the credential is gone.
 * @returns what stands then
 */
export async function tidyOwned(deps: SharingDeps, owned: OwnedCredential): Promise<OwnedCredential | null> {
  const pair = await settle(deps, owned);
  if (pair === null) return null;
  const isGone = pair.credential === null && deps.clock() - pair.owned.createdAt > MAKING_MS;
  if (!isGone && !pair.owned.removing) return pair.owned;
  await removeOwned(deps, owned);
  return null;
}

/** A user's standing with the pool, made when it is first asked for. */
export function poolOf(deps: Pick<SharingDeps, 'pools' | 'clock'>, userId: string): Promise<PoolAccount> {
  return deps.pools.ensure(userId, deps.clock());
}
