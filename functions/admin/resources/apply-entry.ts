import type { Configuration, ImportReport } from '@sluice/core/catalog/configuration-types';
import { InputRefused } from '../refusal.ts';
import type { AdminServices } from '../services.ts';

type Section = 'upstreams' | 'credentials' | 'models';

/** One entry takes the same way as a whole document: planned against what is stored, then written. */
export async function applyEntry<Name extends Section>(
  services: AdminServices,
  section: Name,
  entry: Configuration[Name][number],
): Promise<ImportReport> {
  const empty: Configuration = { upstreams: [], credentials: [], models: [], keys: [] };
  const applied = await services.configuration.apply({ ...empty, [section]: [entry] });
  if (applied.outcome === 'applied') return applied.report;
  const prefix = `${section}[0].`;
  throw new InputRefused(
    applied.errors.map(({ path, message }) => ({
      path: path.startsWith(prefix) ? path.slice(prefix.length) : path,
      message,
    })),
  );
}
