import type { Health } from '../../lib/api/health.ts';

/** Each thing that can be wrong and that somebody can do something about. */
const ADVICE = ['tables', 'secrets', 'vaultKey', 'rollUps', 'sweep'] as const;
export type Advice = (typeof ADVICE)[number];

const TABLES = ['identity', 'vault', 'catalog', 'ledger'];

/** What to tell whoever looks, most urgent first; nothing where all is well. */
export function adviceFor({ dependencies, components }: Pick<Health, 'dependencies' | 'components'>): Advice[] {
  const wrong: Record<Advice, boolean> = {
    tables: TABLES.some((name) => dependencies[name] === 'down'),
    secrets: dependencies['secrets'] === 'down',
    vaultKey: dependencies['vaultKey'] === 'down',
    rollUps: components['roll_ups']?.status === 'late',
    sweep: components['sweep']?.status === 'late',
  };
  return ADVICE.filter((name) => wrong[name]);
}
