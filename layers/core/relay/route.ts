import { createTimedCache } from '@sluice/kit/cache/timed-cache';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { CatalogStore, Model, Settings } from '../catalog/store.ts';
import { credentialAssociatedData, type Opener } from '../credentials/sealing-port.ts';
import type { Pool } from '../credentials/pool.ts';
import type { Credential, VaultStore } from '../credentials/store.ts';
import type { OwnedCredentialStore, QuotaPoolStore } from '../sharing/store.ts';
import { createUseRule, ownedName } from '../sharing/who-may-use.ts';
import { asStore } from './authenticate.ts';
import { isInChannel, outsideChannel } from './channel.ts';
import { listCandidates, openCredential, type Candidate, type OpenedUpstream } from './candidates.ts';

export interface RouteDeps {
  catalog: Pick<CatalogStore, 'findModel' | 'listModels' | 'readSettings'>;
  vault: Pick<VaultStore, 'findUpstream' | 'listCredentials'>;
  owned: Pick<OwnedCredentialStore, 'listOfUpstream'>;
  pools: Pick<QuotaPoolStore, 'find'>;
  opener: Opener;
  pool: Pick<Pool, 'load'>;
  /** At most 10 s. */
  cacheLifeMs: number;
}

/** What serves a request: the model with its price, and who can be called for it, in no order. */
export interface Plan {
  model: Model;
  candidates: readonly Candidate[];
  settings: Settings;
}

export interface Router {
  /**
   * @param caller.userId whose exclusive credentials, and whose quota of the shared pool, count
   * @param caller.channel only upstreams of this channel may serve; null or absent = any
   * @throws GatewayError `model_not_found`, `model_not_allowed`, `no_credential`, `insufficient_quota`, `store_unavailable`
   */
  route(model: string, caller: { userId: string; channel?: string | null | undefined }): Promise<Plan>;
  /** Those that the channel serves. */
  listModels(channel?: string | null): Promise<Model[]>;
  settings(): Promise<Settings>;
}

const MOST_MODELS = 2_000;
const MOST_UPSTREAMS = 500;
const MOST_SECRETS = 2_000;
/** Opening is slow and a sealed value never changes its meaning, so it is opened again only now and then. */
const SECRET_LIFE_MS = 600_000;

export function createRouter(deps: RouteDeps): Router {
  const models = createTimedCache<Model | null>({ lifeMs: deps.cacheLifeMs, max: MOST_MODELS });
  const lists = createTimedCache<Model[]>({ lifeMs: deps.cacheLifeMs, max: 1 });
  const settings = createTimedCache<Settings>({ lifeMs: deps.cacheLifeMs, max: 1 });
  const upstreams = createTimedCache<OpenedUpstream | null>({ lifeMs: deps.cacheLifeMs, max: MOST_UPSTREAMS });
  const openUpstream = createUpstreamOpener(deps);
  const readSettings = (): Promise<Settings> => asStore(settings.get('settings', () => deps.catalog.readSettings()));

  const choicesOf = (model: Model) =>
    Promise.all(
      model.routes.map(async (route) => ({
        route,
        opened: await asStore(upstreams.get(route.upstream, () => openUpstream(route.upstream))),
      })),
    );
  /** What remains to the caller is asked anew each time: the pool is drawn upon by every request. */
  const useRule = async (model: string, userId: string) => {
    const [account, { sharedModelGroups }] = await Promise.all([asStore(deps.pools.find(userId)), readSettings()]);
    return createUseRule({ userId, account, model, groups: sharedModelGroups });
  };
  return {
    async route(name, { userId, channel = null }) {
      const model = await asStore(models.get(name, () => deps.catalog.findModel(name)));
      if (!model) throw modelNotFound(name);
      const choices = await choicesOf(model);
      const open = channel === null ? choices : choices.filter(({ opened }) => isOpen(opened, channel));
      if (channel !== null && open.length === 0) throw outsideChannel(name, channel);
      const rule = open.some(({ opened }) => opened?.hasOwned) ? await useRule(model.name, userId) : null;
      const candidates = listCandidates(model, open, rule);
      // One that has no stead is asked whatever others saw of it.
      const pool = candidates.length > 1 ? deps.pool.load(upstreamsOf(candidates)) : null;
      const plan = { model, candidates, settings: await readSettings() };
      await pool;
      return plan;
    },
    async listModels(channel = null) {
      const all = await asStore(lists.get('models', () => deps.catalog.listModels()));
      if (channel === null) return all;
      const served = await Promise.all(
        all.map(async (model) => (await choicesOf(model)).some(({ opened }) => isOpen(opened, channel))),
      );
      return all.filter((_model, index) => served[index]);
    },
    settings: readSettings,
  };
}

function isOpen(opened: OpenedUpstream | null, channel: string): boolean {
  return opened !== null && isInChannel(opened.upstream, channel);
}

function upstreamsOf(candidates: readonly Candidate[]): readonly string[] {
  return [...new Set(candidates.map(({ upstream }) => upstream))];
}

export function modelNotFound(model: string): GatewayError {
  return new GatewayError('model_not_found', {
    message: `The model '${model}' does not exist or you do not have access to it.`,
    param: 'model',
  });
}

function createUpstreamOpener({ vault, owned, opener }: RouteDeps): (name: string) => Promise<OpenedUpstream | null> {
  const secrets = createTimedCache<string>({ lifeMs: SECRET_LIFE_MS, max: MOST_SECRETS });
  const openSecret = (credential: Credential): Promise<string> => {
    const associatedData = credentialAssociatedData(credential);
    // The ciphertext is the key: a replaced secret is another entry.
    return secrets.get(`${associatedData}\n${credential.secret.ciphertext}`, () =>
      opener.open(credential.secret, associatedData),
    );
  };
  return async (name) => {
    const [upstream, credentials, marks] = await Promise.all([
      vault.findUpstream(name),
      vault.listCredentials(name),
      owned.listOfUpstream(name),
    ]);
    if (!upstream) return null;
    const owners = new Map(marks.map((mark) => [mark.credentialId, mark]));
    const opened = credentials
      // Where the two lists were read at different moments, a user's credential may lack its owner: it waits.
      .filter(({ enabled, id, name: own }) => enabled && (own !== ownedName(id) || owners.has(id)))
      .map((credential) =>
        openSecret(credential).then(
          (secret) => openCredential(upstream, credential, secret),
          // One row that cannot be read must not take the others with it.
          (cause: unknown) => ({ credential, address: sealedForGood(credential, cause) }),
        ),
      );
    const all = await Promise.all(opened);
    if (owners.size === 0) return { upstream, credentials: all, hasOwned: false };
    const withOwners = all.map((one) => ({ ...one, owned: owners.get(one.credential.id) ?? null }));
    return { upstream, credentials: withOwners, hasOwned: true };
  };
}

function sealedForGood(credential: Credential, cause: unknown): GatewayError {
  const message = `Credential "${credential.name}" of upstream "${credential.upstream}" cannot be opened.`;
  return new GatewayError('no_credential', { message, cause });
}
