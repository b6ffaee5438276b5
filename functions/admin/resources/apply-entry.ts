import type {
  Configuration,
  ImportOutcome,
  ImportReport,
  SwitchedCredential,
} from '@sluice/core/catalog/configuration-types';
import { ALL_MODELS } from '@sluice/core/credentials/pool-state';
import { InputRefused } from '../refusal.ts';
import type { AdminServices } from '../services.ts';

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
    await Promise.all(applied.switched.map((credential) => logSwitch(services, credential, who)));
  }
  return applied;
}

function logSwitch(services: AdminServices, { upstream, id, enabled }: SwitchedCredential, who: string): Promise<void> {
  return services.poolStates.appendChange({
    upstream,
    credentialId: id,
    model: ALL_MODELS,
    at: services.clock(),
    who,
    from: enabled ? 'disabled' : 'active',
    to: enabled ? 'active' : 'disabled',
    reason: enabled ? 'enabled by an operator' : 'disabled by an operator',
    until: null,
  });
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
