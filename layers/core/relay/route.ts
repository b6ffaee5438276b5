import { createTimedCache } from '@sluice/kit/cache/timed-cache';
import { GatewayError, isGatewayError } from '@sluice/kit/errors/gateway-error';
import type { CatalogStore, Model, Route, Settings } from '../catalog/store.ts';
import type { Pool } from '../credentials/pool.ts';
import type { QuotaPoolStore } from '../sharing/store.ts';
import { createUseRule } from '../sharing/who-may-use.ts';
import { asStore } from './authenticate.ts';
import { isInChannel, outsideChannel } from './channel.ts';
import { listCandidates, type Candidate, type OpenedUpstream } from './candidates.ts';
import { createUpstreamOpener, type OpenDeps, type UpstreamOpener } from './open-upstream.ts';
import { createWideUpstreams } from './wide-upstreams.ts';

export interface RouteDeps extends OpenDeps {
  catalog: Pick<CatalogStore, 'findModel' | 'listModels' | 'readSettings'>;
  pools: Pick<QuotaPoolStore, 'find'>;
  pool: Pick<Pool, 'load' | 'loadMembers'>;
  /** At most 10 s. */
  cacheLifeMs: number;
}

/** What serves a request: the model with its price, and who can be called for it, in no order. */
export interface Plan {
  model: Model;
  candidates: readonly Candidate[];
  settings: Settings;
}

export interface RouteCaller {
  /** Whose exclusive credentials, and whose quota of the shared pool, count. */
  userId: string;
  /** Only upstreams of this channel may serve; null or absent = any. */
  channel?: string | null | undefined;
  /**
   * In [0, 2^32): of an upstream with very many credentials, which ones this conversation is offered. Asked for only
   * where there is such an upstream.
   */
  seed: () => number;
}

export interface Router {
  /**
   * @throws GatewayError `model_not_found`, `model_not_allowed`, `no_credential`, `insufficient_quota`, `store_unavailable`
   */
  route(model: string, caller: RouteCaller): Promise<Plan>;
  /** Those that the channel serves. */
  listModels(channel?: string | null): Promise<Model[]>;
  settings(): Promise<Settings>;
  /**
   * One way to serve a model, whoever may use it and whatever the pool thinks of it: to go on with what was begun there.
   * @returns a plan with this one candidate, or with none where it is gone
   * @throws GatewayError `model_not_found`, `no_credential`, `store_unavailable`
   */
  locate(model: string, at: { upstream: string; credentialId: string; model: string }): Promise<Plan>;
  /** The same with its access token as it stands now; null where it can no longer be called. */
  renew(candidate: Candidate): Promise<Candidate | null>;
}

interface Choice {
  route: Route;
  opened: OpenedUpstream | null;
}

const MOST_MODELS = 2_000;
const MOST_UPSTREAMS = 500;

export function createRouter(deps: RouteDeps): Router {
  const models = createTimedCache<Model | null>({ lifeMs: deps.cacheLifeMs, max: MOST_MODELS });
  const lists = createTimedCache<Model[]>({ lifeMs: deps.cacheLifeMs, max: 1 });
  const settings = createTimedCache<Settings>({ lifeMs: deps.cacheLifeMs, max: 1 });
  const upstreams = createTimedCache<OpenedUpstream | null>({ lifeMs: deps.cacheLifeMs, max: MOST_UPSTREAMS });
  const opener = createUpstreamOpener(deps);
  const wide = createWideUpstreams(opener, deps.cacheLifeMs);
  const readSettings = (): Promise<Settings> => asStore(settings.get('settings', () => deps.catalog.readSettings()));

  const choicesOf = (model: Model): Promise<Choice[]> =>
    Promise.all(
      model.routes.map(async (route) => ({
        route,
        opened: await asStore(upstreams.get(route.upstream, () => opener.open(route.upstream))),
      })),
    );
  /** What remains to the caller is asked anew each time: the pool is drawn upon by every request. */
  const useRule = async (model: string, userId: string) => {
    const [account, { sharedModelGroups }] = await Promise.all([asStore(deps.pools.find(userId)), readSettings()]);
    return createUseRule({ userId, account, model, groups: sharedModelGroups });
  };
  /** In place: the choices were made for this request. */
  const narrow = async (choices: readonly Choice[], who: { userId: string; seed: number }): Promise<void> => {
    const narrowOne = async (choice: Choice): Promise<void> => {
      if (choice.opened !== null) choice.opened = await asStore(wide.narrow(choice.opened, who));
    };
    await Promise.all(choices.map(narrowOne));
  };
  return {
    async route(name, { userId, channel = null, seed }) {
      const model = await asStore(models.get(name, () => deps.catalog.findModel(name)));
      if (!model) throw modelNotFound(name);
      const choices = await choicesOf(model);
      const open = channel === null ? choices : choices.filter(({ opened }) => isOpen(opened, channel));
      if (channel !== null && open.length === 0) throw outsideChannel(name, channel);
      if (open.some(isWide)) await narrow(open, { userId, seed: seed() });
      const rule = open.some(({ opened }) => opened?.hasOwned) ? await useRule(model.name, userId) : null;
      const candidates = listCandidates(model, open, rule);
      // One that has no stead is asked whatever others saw of it.
      const pool = candidates.length > 1 ? loadPool(deps.pool, open, candidates) : null;
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
    async locate(name, at) {
      const model = await asStore(models.get(name, () => deps.catalog.findModel(name)));
      if (!model) throw modelNotFound(name);
      const choices = (await choicesOf(model)).filter(({ route }) => route.upstream === at.upstream);
      // Of very many credentials only some are known, and which ones is a matter of chance.
      await Promise.all(choices.filter(isWide).map((choice) => openNamed(opener, choice, at.credentialId)));
      const candidates = listCandidates(model, choices).filter(
        (one) => one.credentialId === at.credentialId && one.model === at.model,
      );
      return { model, candidates: candidates.slice(0, 1), settings: await readSettings() };
    },
    async renew(candidate) {
      // Where they are many, one token is no reason to read them all again.
      if (!upstreams.peek(candidate.upstream)?.more) upstreams.forget(candidate.upstream);
      const opened = await asStore(opener.openAnew(candidate.upstream, candidate.credentialId));
      if (opened !== null) wide.renewed(opened);
      if (opened === null || opened.token === null || isGatewayError(opened.address)) return null;
      const { address, token } = opened;
      return { ...candidate, address, token, secretDigest: token.digest ?? '' };
    },
  };
}

/** Of an upstream with very many credentials only what is known of the candidates. */
async function loadPool(
  pool: RouteDeps['pool'],
  choices: readonly Choice[],
  candidates: readonly Candidate[],
): Promise<void> {
  const wide = new Set(choices.filter(isWide).map(({ route }) => route.upstream));
  if (wide.size === 0) return pool.load(upstreamsOf(candidates));
  await Promise.all([
    pool.load(upstreamsOf(candidates).filter((upstream) => !wide.has(upstream))),
    pool.loadMembers(candidates.filter(({ upstream }) => wide.has(upstream))),
  ]);
}

/** In place: the choice was made for this request. */
async function openNamed(opener: UpstreamOpener, choice: Choice, credentialId: string): Promise<void> {
  if (choice.opened === null) return;
  const credentials = await asStore(opener.openNamed(choice.opened.upstream, credentialId));
  choice.opened = { ...choice.opened, credentials };
}

function isWide({ opened }: Choice): boolean {
  return opened !== null && opened.more !== null;
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
