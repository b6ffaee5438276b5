import { describe, expect, it } from '@jest/globals';
import {
  readAdminEnvironment,
  readEvaluateEnvironment,
  readRelayEnvironment,
  readScheduleEnvironment,
  readSweepJobsEnvironment,
  readVaultEnvironment,
} from '../../layers/aws/env.ts';

const FULL = {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'AKIA',
  AWS_SECRET_ACCESS_KEY: 'do-not-print',
  AWS_SESSION_TOKEN: 'token',
  AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8000',
  BUILD_ID: 'b-1',
  CACHE_RESET_TZ_OFFSET_MINUTES: '-480',
  IDENTITY_TABLE: 'Identity-1',
  VAULT_TABLE: 'Vault-1',
  LEDGER_TABLE: 'Ledger-1',
  CATALOG_TABLE: 'Catalog-1',
  CONTENT_TABLE: 'Content-1',
  ORIGIN_SECRET: 'arn:origin',
  PEPPER_SECRET: 'arn:pepper',
  SIGNING_SEED_SECRET: 'arn:signing',
  VAULT_SEED_SECRET: 'arn:vault',
  BOOTSTRAP_ADMIN_SECRET: 'arn:admin',
  PUBLIC_API_PREFIX: '/public-api',
  VAULT_FUNCTION: 'vault-fn',
  SCHEDULE_FUNCTIONS: '{"sweep-holds":"sweep-fn"}',
  MEDIA_BUCKET: 'media-1',
  KV_CACHE_MAX_BYTES: '26214400',
  MEDIA_JOBS_FUNCTION: 'jobs-fn',
};

describe('the environment', () => {
  it('of the relay', () => {
    const { aws, ...rest } = readRelayEnvironment(FULL);
    expect(rest).toEqual({
      buildId: 'b-1',
      tables: {
        identity: 'Identity-1',
        vault: 'Vault-1',
        ledger: 'Ledger-1',
        catalog: 'Catalog-1',
        content: 'Content-1',
      },
      secrets: { pepper: 'arn:pepper', vaultSeed: 'arn:vault' },
      originSecret: 'arn:origin',
      timeZoneOffsetMinutes: -480,
      groupCommit: 'on',
      vaultFunction: 'vault-fn',
      mediaBucket: 'media-1',
      mostMediaBytes: 26_214_400,
      mediaJobsFunction: 'jobs-fn',
    });
    expect(aws).toMatchObject({ region: 'eu-central-1', endpoints: { dynamodb: 'http://127.0.0.1:8000' } });
    expect(aws.credentials()).toEqual({
      accessKeyId: 'AKIA',
      secretAccessKey: 'do-not-print',
      sessionToken: 'token',
    });
  });

  it('of admin, vault and the schedules', () => {
    expect(readAdminEnvironment(FULL)).toMatchObject({
      secrets: { signingSeed: 'arn:signing', bootstrapAdmin: 'arn:admin' },
      vaultFunction: 'vault-fn',
      scheduleFunctions: { 'sweep-holds': 'sweep-fn' },
    });
    expect(readVaultEnvironment(FULL)).toMatchObject({
      tables: { catalog: 'Catalog-1' },
      secrets: { origin: 'arn:origin', pepper: 'arn:pepper', vaultSeed: 'arn:vault' },
    });
    expect(readScheduleEnvironment(['content'], FULL)).toMatchObject({ tables: { content: 'Content-1' }, secrets: {} });
  });

  it('of the function that runs media jobs, which is behind no CDN and submits none', () => {
    const { ORIGIN_SECRET: _origin, MEDIA_JOBS_FUNCTION: _jobs, ...own } = FULL;
    expect(readRelayEnvironment(own)).toMatchObject({ originSecret: null, mediaJobsFunction: null });
    expect(readSweepJobsEnvironment(FULL)).toMatchObject({ mediaJobsFunction: 'jobs-fn' });
    expect(() => readSweepJobsEnvironment(own)).toThrow('MEDIA_JOBS_FUNCTION is missing.');
  });

  it('of evaluate-alerts', () => {
    const source = { ...FULL, MAIL_FROM: 'sluice@example.com', METRICS_NAMESPACE: 'Sluice/test' };
    expect(readEvaluateEnvironment(source)).toMatchObject({
      secrets: { pepper: 'arn:pepper' },
      mailSender: 'sluice@example.com',
      metricsNamespace: 'Sluice/test',
    });
    expect(() => readEvaluateEnvironment(FULL)).toThrow('METRICS_NAMESPACE is missing.');
  });

  it('names everything that is missing or wrong at once, and no value', () => {
    const { PEPPER_SECRET: _pepper, IDENTITY_TABLE: _identity, ...rest } = FULL;
    const source = { ...rest, CACHE_RESET_TZ_OFFSET_MINUTES: 'soon', BUILD_ID: '', AWS_ENDPOINT_URL_S3: 'secret host' };
    const read = () => readRelayEnvironment(source);
    expect(read).toThrow(/IDENTITY_TABLE is missing/);
    expect(read).toThrow(/PEPPER_SECRET is missing/);
    expect(() => readRelayEnvironment({ ...FULL, LEDGER_GROUP_COMMIT: 'maybe' })).toThrow(/LEDGER_GROUP_COMMIT: /);
    expect(read).toThrow(/BUILD_ID: /);
    expect(read).toThrow(/CACHE_RESET_TZ_OFFSET_MINUTES: /);
    expect(read).toThrow(/AWS_ENDPOINT_URL_S3: /);
    expect(read).not.toThrow(/do-not-print|soon|secret host/);
    expect(() => readAdminEnvironment({ ...FULL, SCHEDULE_FUNCTIONS: 'x' })).toThrow(/SCHEDULE_FUNCTIONS: is not JSON/);
    expect(() => readAdminEnvironment({ ...FULL, SCHEDULE_FUNCTIONS: '{"a":1}' })).toThrow(/SCHEDULE_FUNCTIONS: /);
  });

  it('asks a function only for what is its own', () => {
    const { SIGNING_SEED_SECRET: _signing, ...rest } = FULL;
    expect(() => readRelayEnvironment(rest)).not.toThrow();
    expect(() => readAdminEnvironment(rest)).toThrow('SIGNING_SEED_SECRET is missing.');
  });

  it('gives rotated credentials at the next call', () => {
    const source = { ...FULL };
    const { aws } = readRelayEnvironment(source);
    source.AWS_SECRET_ACCESS_KEY = 'next';
    expect(aws.credentials().secretAccessKey).toBe('next');
  });
});
