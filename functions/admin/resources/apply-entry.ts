import type { Configuration, ImportOutcome, ImportReport } from '@sluice/core/catalog/configuration-types';
import { ALL_MODELS, type PoolChange, type PoolMark } from '@sluice/core/credentials/pool-state';
import { mapLimited } from '@sluice/kit/async/map-limited';
import { InputRefused } from '../refusal.ts';
import type { AdminServices } from '../services.ts';

const AT_ONCE = 16;
const ON = ['disabled', 'active'] as const;
const OFF = ['active', 'disabled'] as const;

type Section = 'upstreams' | 'credentials' | 'models';

/**
 * Applies a document in the name of an operator: what it switches on or off stands in the history of the credential.
 * @param who the operator's user name
 */
export async function applyDocument(
  services: AdminServices,
  document: Configuration,
  who: string,
): Promise<ImportOutcome> {
  const applied = await services.configuration.apply(document);
  if (applied.outcome === 'applied') {
    await mapLimited(applied.switched, AT_ONCE, ({ upstream, id, enabled, replaced }) => {
      const [from, to] = enabled === null ? (['active', 'active'] as const) : enabled ? ON : OFF;
      const reason = replaced ? { reason: 'given another secret by an operator' } : {};
      return logSwitch(services, { upstream, credentialId: id }, { who, from, to, ...reason });
    });
  }
  return applied;
}

const SAID: Partial<Record<PoolMark, string>> = {
  active: 'enabled by an operator',
  disabled: 'disabled by an operator',
  deleted: 'deleted by an operator',
};

interface Switch extends Pick<PoolChange, 'who' | 'from' | 'to'> {
  by?: 'operator' | 'owner';
  reason?: string;
}

/** Into the log of operations of a credential: what an operator or its owner did to it. */
export function logSwitch(
  services: Pick<AdminServices, 'poolStates' | 'clock'>,
  { upstream, credentialId }: { upstream: string; credentialId: string },
  { by = 'operator', who, from, to, reason = SAID[to] ?? to }: Switch,
): Promise<void> {
  const at = services.clock();
  const change = { upstream, credentialId, model: ALL_MODELS, at, by, who, from, to, reason };
  return services.poolStates.appendChange({ ...change, until: null });
}

/** One entry takes the same way as a whole document: planned against what is stored, then written. */
export async function applyEntry<Name extends Section>(
  services: AdminServices,
  section: Name,
  entry: Configuration[Name][number],
  who: string,
): Promise<ImportReport> {
  const empty: Configuration = { upstreams: [], credentials: [], models: [], keys: [] };
  const applied = await applyDocument(services, { ...empty, [section]: [entry] }, who);
  if (applied.outcome === 'applied') return applied.report;
  const prefix = `${section}[0].`;
  throw new InputRefused(
    applied.errors.map(({ path, message }) => ({
      path: path.startsWith(prefix) ? path.slice(prefix.length) : path,
      message,
    })),
  );
}
