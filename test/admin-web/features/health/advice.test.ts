import { describe, expect, test } from '@jest/globals';
import { adviceFor } from '../../../../admin-web/src/features/health/advice.ts';

const UP = { identity: 'up', vault: 'up', catalog: 'up', ledger: 'up', secrets: 'up', vaultKey: 'up' } as const;
const ON_TIME = { roll_ups: { status: 'healthy' }, sweep: { status: 'unknown' } } as const;

describe('what to do about the health of the gateway', () => {
  test('is nothing where everything answers, also before anything was scheduled', () => {
    expect(adviceFor({ dependencies: UP, components: ON_TIME })).toEqual([]);
  });

  test('names each thing once, the stores first', () => {
    const dependencies = { ...UP, ledger: 'down', identity: 'down', vaultKey: 'down' } as const;
    const components = { ...ON_TIME, roll_ups: { status: 'late' } } as const;
    expect(adviceFor({ dependencies, components })).toEqual(['tables', 'vaultKey', 'rollUps']);
  });
});
