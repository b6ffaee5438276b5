import type { Config } from 'jest';

/** Shared by every project: ES modules as they are, TypeScript stripped by swc. */
const base = {
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

const config: Config = {
  testTimeout: 30_000,
  projects: [
    {
      ...base,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/{kit,contract,llm,core,functions,aws,admin-web,faults}/**/*.test.ts'],
    },
    { ...base, displayName: 'infra', testMatch: ['<rootDir>/test/infra/**/*.test.ts'] },
    {
      ...base,
      displayName: 'local',
      testMatch: ['<rootDir>/test/local/**/*.test.ts'],
      globalSetup: '<rootDir>/test/local/global-setup.ts',
      globalTeardown: '<rootDir>/test/local/global-teardown.ts',
    },
  ],
};

export default config;
