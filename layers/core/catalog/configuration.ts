import { mapLimited } from '@sluice/kit/async/map-limited';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { isSameJson } from '@sluice/kit/json/same-json';
import type { Clock } from '@sluice/kit/time/clock';
import type { Credential, Upstream, VaultStore } from '../credentials/store.ts';
import type { ApiKey, IdentityStore, Page, PageRequest, User } from '../identity/store.ts';
import type { AlertRule } from '../monitoring/store.ts';
import type { PlanDefinition, PlanDefinitionStore } from '../plans/store.ts';
import type {
  CheckOutcome,
  Configuration,
  ImportOutcome,
  ImportReport,
  KeyReport,
  MachineSecretEntry,
  SectionPlan,
  Step,
} from './configuration-types.ts';
import { planAlertRules, type AlertRulePlanDeps } from './plan-alert-rules.ts';
import { planCredentials, type CredentialPlanDeps } from './plan-credentials.ts';
import { planKeys, type KeyPlanDeps } from './plan-keys.ts';
import { planModels } from './plan-models.ts';
import { planPlans } from './plan-plans.ts';
import { planUpstreams, type UpstreamPlanDeps } from './plan-upstreams.ts';
import { planUsers, type UserPlanDeps } from './plan-users.ts';
import type { CatalogStore, Model, Settings } from './store.ts';

/**
 * Import and export of the configuration document. An import first plans every row against what is stored and finds
 * all errors; only then it writes, in an order in which every reference exists before it is used. What fails half way
 * is finished by the same import sent again, since rows that are already there come out unchanged.
 */

const WRITES_AT_ONCE = 16;

interface ConfigurationDeps {
  catalog: CatalogStore;
  vault: VaultStore;
  identity: IdentityStore;
  plans: PlanDefinitionStore;
  alertStore: AlertRulePlanDeps['alertStore'];
  alertRules: Pick<AlertRulePlanDeps, 'mergeRules' | 'unavailableReason'>;
  planMachineSecrets: (entries: readonly MachineSecretEntry[], now: number) => Promise<SectionPlan>;
  documentUsers: Omit<UserPlanDeps, 'identity' | 'now' | 'findUser'>;
  /** By user name; `admin` is the first administrator. */
  findOwner: (name: string) => Promise<User | null>;
  sealSecret: CredentialPlanDeps['sealSecret'];
  marks: CredentialPlanDeps['marks'];
  sealClientSecret: UpstreamPlanDeps['sealClientSecret'];
  digestKey: KeyPlanDeps['digestKey'];
  preview: KeyPlanDeps['preview'];
  clock: Clock;
}

interface ConfigurationSnapshot {
  upstreams: Upstream[];
  credentials: Credential[];
  models: Model[];
  keys: { key: ApiKey; owner: User }[];
  users: User[];
  plans: PlanDefinition[];
  /** Those that are not as they came. */
  alertRules: AlertRule[];
  settings: Settings;
}

export interface ConfigurationService {
  /**
   * @param seenVersion the version of the settings that the change was made from
   * @throws GatewayError `conflict` when the settings are of another version by now
   */
  apply(document: Configuration, seenVersion?: number): Promise<ImportOutcome>;
  /** What `apply` would do, without doing it: no key has a secret yet. */
  check(document: Configuration): Promise<CheckOutcome>;
  /** Everything as stored; the caller leaves out the sealed secrets and digests. */
  snapshot(): Promise<ConfigurationSnapshot>;
}

export function createConfiguration(deps: ConfigurationDeps): ConfigurationService {
  return {
    async apply(document, seenVersion) {
      const plan = await planAll(deps, document, seenVersion);
      if (plan.errors.length > 0) return { outcome: 'refused', errors: plan.errors };
      await carryOut(plan.sections);
      const steps = plan.sections.flat();
      return {
        outcome: 'applied',
        report: reportOf(steps, plan.keys, plan.warnings),
        switched: steps.flatMap((step) => step.switched ?? []),
      };
    },
    async check(document) {
      const { sections, keys, warnings, errors } = await planAll(deps, document, undefined);
      if (errors.length > 0) return { outcome: 'refused', errors };
      const nameless = keys.map(({ name, owner }) => ({ name, owner }));
      return { outcome: 'checked', report: reportOf(sections.flat(), nameless, warnings) };
    },
    async snapshot() {
      const [upstreams, models, settings, plans, alertRules] = await Promise.all([
        deps.vault.listUpstreams(),
        deps.catalog.listModels(),
        deps.catalog.readSettings(),
        deps.plans.list(),
        deps.alertStore.listRules(),
      ]);
      const credentials: Credential[] = [];
      for (const upstream of upstreams) credentials.push(...(await deps.vault.listCredentials(upstream.name)));
      const keys: ConfigurationSnapshot['keys'] = [];
      const users: User[] = [];
      for await (const owner of walk((page) => deps.identity.listUsers(page))) {
        users.push(owner);
        for await (const key of walk((page) => deps.identity.listKeysOfOwner(owner.id, page)))
          keys.push({ key, owner });
      }
      return { upstreams, credentials, models, keys, users, plans, alertRules, settings };
    },
  };
}

async function planAll(deps: ConfigurationDeps, document: Configuration, seenVersion: number | undefined) {
  const now = deps.clock();
  const { settings: stored, version } = await deps.catalog.readVersionedSettings();
  if (seenVersion !== undefined && seenVersion !== version) throw changedMeanwhile();
  const allowedNetworks = document.settings?.allowedUpstreamNetworks ?? stored.allowedUpstreamNetworks;
  const known = new Set([
    ...(await deps.vault.listUpstreams()).map((upstream) => upstream.name),
    ...document.upstreams.map((upstream) => upstream.name),
  ]);
  const digest = async (text: string): Promise<string> => (await deps.digestKey(text)).digest;
  const { documentUsers, findOwner } = deps;
  const { foldName } = documentUsers;
  const userPlan = await planUsers(
    { ...documentUsers, identity: deps.identity, findUser: findOwner, now },
    document.users ?? [],
  );
  const { newUsers } = userPlan;
  const keyPlan = await planKeys(
    { ...deps, now, findOwner: async (name) => newUsers.get(foldName(name)) ?? findOwner(name) },
    document.keys,
  );
  const sections = [
    { steps: planSettings({ ...deps, stored, seenVersion }, document.settings), errors: [], warnings: [] },
    userPlan,
    await planPlans({ plans: deps.plans, foldName, now }, document.plans ?? []),
    await planUpstreams({ ...deps, digest, now }, document.upstreams, allowedNetworks),
    await planCredentials({ ...deps, digest, now }, document.credentials, allowedNetworks, known),
    await planModels({ catalog: deps.catalog, now }, document.models, known),
    keyPlan,
    await deps.planMachineSecrets(document.machineSecrets ?? [], now),
    await planAlertRules({ ...deps.alertRules, alertStore: deps.alertStore, now }, document.alertRules ?? []),
  ];
  return {
    sections: sections.map((section) => section.steps),
    errors: sections.flatMap((section) => section.errors),
    warnings: sections.flatMap((section) => section.warnings),
    keys: keyPlan.keys,
  };
}

interface SettingsPlanDeps {
  catalog: CatalogStore;
  stored: Settings;
  seenVersion: number | undefined;
}

function planSettings({ catalog, stored, seenVersion }: SettingsPlanDeps, change: Configuration['settings']): Step[] {
  if (!change) return [];
  const names = (Object.keys(change) as (keyof Settings)[]).filter(
    (name) => change[name] !== undefined && !isSameJson(change[name], stored[name]),
  );
  if (names.length === 0) return [{ what: 'settings', effect: 'unchanged', prepare: null }];
  const given = Object.fromEntries(names.map((name) => [name, change[name]])) as Partial<Settings>;
  const write = async (): Promise<void> => {
    if ((await catalog.changeSettings(given, seenVersion)) === 'conflict') throw changedMeanwhile();
  };
  return [{ what: 'settings', effect: 'updated', prepare: async () => write }];
}

function changedMeanwhile(): GatewayError {
  return new GatewayError('conflict', {
    message: 'The settings were changed meanwhile. Please read them again.',
    param: 'version',
  });
}

/**
 * All seals are made before the first write, so that a vault out of reach leaves everything as it was. Sections are
 * written one after another, since the later ones name rows of the earlier ones.
 */
async function carryOut(sections: readonly (readonly Step[])[]): Promise<void> {
  const writes = await Promise.all(
    sections.map((steps) => mapLimited(steps, WRITES_AT_ONCE, async (step) => step.prepare?.())),
  );
  for (const section of writes) await mapLimited(section, WRITES_AT_ONCE, async (write) => write?.());
}

function reportOf(steps: readonly Step[], keys: KeyReport[], warnings: string[]): ImportReport {
  const named = (effect: Step['effect']): string[] =>
    steps.filter((step) => step.effect === effect).map((step) => step.what);
  return { created: named('created'), updated: named('updated'), unchanged: named('unchanged'), keys, warnings };
}

async function* walk<Item>(read: (page: PageRequest) => Promise<Page<Item>>): AsyncGenerator<Item> {
  let cursor: string | null = null;
  do {
    const page: Page<Item> = await read({ limit: 100, cursor });
    yield* page.items;
    cursor = page.nextCursor;
  } while (cursor !== null);
}
