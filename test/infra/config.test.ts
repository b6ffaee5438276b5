import { describe, expect, test } from '@jest/globals';
import { readSettings } from '../../infra/config.ts';
import { synthesize } from './support/synthesize.ts';

function read(
  context: Record<string, unknown>,
  environment: Record<string, string> = {},
): ReturnType<typeof readSettings> {
  const all: Record<string, unknown> = { stage: 'main', ...context };
  return readSettings((key) => all[key], environment);
}

describe('settings of a stage', () => {
  test('have defaults for everything', () => {
    expect(read({})).toMatchObject({
      publicApiPrefix: 'public-api',
      timeZoneOffsetMinutes: 480,
      buildId: 'local',
      logRetentionDays: 30,
    });
  });

  test('take numbers from the command line, where everything is text', () => {
    expect(read({ timeZoneOffsetMinutes: '-720', logRetentionDays: '7', relayConcurrency: '20' })).toMatchObject({
      timeZoneOffsetMinutes: -720,
      logRetentionDays: 7,
      relayConcurrency: 20,
    });
  });

  test('take the build from the environment of the pipeline unless it is given', () => {
    expect(read({}, { BUILD_SHA: 'abc123' }).buildId).toBe('abc123');
    expect(read({ buildId: 'mine' }, { BUILD_SHA: 'abc123' }).buildId).toBe('mine');
  });

  test('take what media follow from the environment too, under the names that operators know', () => {
    const environment = { CACHE_RESET_TZ_OFFSET_MINUTES: '-300', KV_CACHE_MAX_BYTES: '1000', KV_CLEANUP_BATCH: '500' };
    const taken = { timeZoneOffsetMinutes: -300, kvCacheMaxBytes: 1_000, kvCleanupBatch: 500 };
    expect(read({}, environment)).toMatchObject(taken);
    expect(read({ timeZoneOffsetMinutes: 60 }, environment)).toMatchObject({ ...taken, timeZoneOffsetMinutes: 60 });
    const empty = { CACHE_RESET_TZ_OFFSET_MINUTES: '', KV_CACHE_MAX_BYTES: '' };
    expect(read({}, empty)).toMatchObject({ timeZoneOffsetMinutes: 480, kvCacheMaxBytes: 26_214_400 });
    expect(() => read({}, { KV_CLEANUP_BATCH: '501' })).toThrow('kvCleanupBatch');
  });

  test.each<[string, Record<string, unknown>]>([
    ['stage', { stage: 'Prod!' }],
    ['publicApiPrefix', { publicApiPrefix: 'api' }],
    ['publicApiPrefix', { publicApiPrefix: 'internalweb' }],
    ['publicApiPrefix', { publicApiPrefix: '/x' }],
    ['timeZoneOffsetMinutes', { timeZoneOffsetMinutes: 841 }],
    ['timeZoneOffsetMinutes', { timeZoneOffsetMinutes: -721 }],
    ['timeZoneOffsetMinutes', { timeZoneOffsetMinutes: 'noon' }],
    ['logRetentionDays', { logRetentionDays: 31 }],
    [
      'certificateArn',
      { domainName: 'a.example.com', certificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/x' },
    ],
    ['domainName', { domainName: 'a.example.com' }],
    ['restoredTables', { restoredTables: 'users=some-table' }],
    ['restoredTables', { restoredTables: 'identity' }],
    ['alarmEmail', { alarmEmail: 'nobody' }],
    ['relayConcurrency', { relayConcurrency: -1 }],
    ['buildId', { buildId: 'a b' }],
  ])('refuse a bad %s by name', (name, context) => {
    expect(() => read(context)).toThrow(new RegExp(`^Settings[^]*\\n  ${name}[.0-9]*: `));
  });

  test('name every bad setting at once', () => {
    expect(() => read({ stage: '', alarmEmail: 'x' })).toThrow(/stage: [^]*alarmEmail: /);
  });
});

/** Names that must be unique in an account, since the service asks for one. */
function physicalNames(stage: string): string[] {
  const text = JSON.stringify(synthesize({ stage }).service);
  return [...text.matchAll(/"(?:Name|MetricNamespace)":"([^"]*sluice[^"]*)"/gi)].map((match) => match[1]!);
}

test('two stages in one account share no name', () => {
  const first = physicalNames('one');
  expect(first.length).toBeGreaterThan(5);
  expect(physicalNames('two').filter((name) => first.includes(name))).toEqual([]);
});

test('a console that is not built stops synth with what to do', () => {
  expect(() => synthesize({ adminWebDirectory: '/nonexistent' })).toThrow(/console is not built.*npm run synth/);
});
