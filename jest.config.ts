import { availableParallelism } from 'node:os';
import type { Config } from 'jest';

/** Shared by every project: ES modules as they are, TypeScript stripped by swc. */
const base = {
  runner: '<rootDir>/test/support/two-lane-runner.mjs',
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2024' },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  transformIgnorePatterns: ['/node_modules/'],
  modulePathIgnorePatterns: ['<rootDir>/cdk.out', '<rootDir>/.sluice'],
} satisfies Config;

/** The whole stack, as one that all files of the project share. */
const local = {
  ...base,
  globals: { sharesStack: true },
  globalSetup: '<rootDir>/test/local/global-setup.ts',
  globalTeardown: '<rootDir>/test/local/global-teardown.ts',
};

/** What every run shows under the plain Node adapter, too; SLUICE_E2E=both runs all files under both. */
const UNDER_BOTH_ADAPTERS = ['chat', 'passthrough', 'refusals'];
const bothAdaptersWhole = process.env['SLUICE_E2E'] === 'both';

/**
 * Driven against the local stack by `npm run e2e`, no part of `npm test`: the console in a browser, and the coding CLIs,
 * which are installed on demand.
 */
const e2e = ['console', 'clis'].map((part) => ({
  ...local,
  displayName: part,
  testMatch: [`<rootDir>/test/e2e/${part}/**/*.test.ts`],
}));

const suites = (): Config['projects'] => {
  if (process.env['SLUICE_SUITE'] === 'e2e') return e2e;
  return [
    {
      ...base,
      displayName: 'unit',
      setupFiles: ['<rootDir>/test/support/property-seed.ts'],
      testMatch: ['<rootDir>/test/{kit,contract,llm,core,functions,aws,admin-web,faults,simulate}/**/*.test.ts'],
    },
    {
      ...base,
      displayName: 'infra',
      setupFiles: ['<rootDir>/test/support/property-seed.ts'],
      testMatch: ['<rootDir>/test/infra/**/*.test.ts'],
    },
    {
      ...local,
      displayName: 'local',
      testMatch: ['<rootDir>/test/local/**/*.test.ts'],
    },
    {
      ...local,
      displayName: 'local-node',
      globalSetup: '<rootDir>/test/local/global-setup-node.ts',
      testMatch: bothAdaptersWhole
        ? ['<rootDir>/test/local/**/*.test.ts']
        : [`<rootDir>/test/local/{${UNDER_BOTH_ADAPTERS.join(',')}}.test.ts`],
      globals: { ...local.globals, sluiceAdapter: 'node' },
    },
  ];
};

/** Jest leaves one processor free for itself, which on a machine with two is half of it. */
const workers = Math.max(2, availableParallelism() - 1);

const config: Config = {
  testTimeout: 30_000,
  maxWorkers: workers,
  // ES modules of files that ended stay in a worker's memory.
  workerIdleMemoryLimit: '1500MB',
  projects: suites(),
};

export default config;
