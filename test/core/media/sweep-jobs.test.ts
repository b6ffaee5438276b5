import { describe, expect, it } from '@jest/globals';
import type { JobKey, MediaJob } from '@sluice/core/media/job';
import { sweepJobs } from '@sluice/core/media/sweep-jobs';
import { createMemoryJobs } from '../../support/memory-jobs.ts';

const NOON = Date.parse('2026-03-01T12:00:00Z');
const HOUR = 3_600_000;
const WEBHOOK = {
  url: 'https://a.example/',
  pepperVersion: 'v1',
  attempts: 1,
  nextAt: NOON,
  outcome: 'pending',
} as const;

async function stage(change: Partial<MediaJob>, age = 30_000) {
  const jobs = createMemoryJobs();
  const job: MediaJob = {
    account: 'usr_1',
    id: 'job_1',
    operation: 'images',
    keyId: null,
    endpoint: '',
    digest: '',
    model: '',
    state: 'queued',
    progress: 0,
    createdAt: NOON - age,
    startedAt: null,
    finishedAt: null,
    expiresAt: NOON + HOUR,
    lease: null,
    requestId: null,
    sentAt: null,
    upstream: null,
    error: null,
    webhook: null,
    answerStatus: null,
    ...change,
  };
  await jobs.create(job, { request: null, listed: true });
  const started: JobKey[] = [];
  const sweep = () =>
    sweepJobs({ jobs, startJob: async (key) => void started.push(key), clock: () => NOON, mayGoOn: () => true });
  const state = async () => (await jobs.find(job, NOON))?.state;
  return { jobs, job, started, sweep, state };
}

const running = (change: Partial<MediaJob>): Partial<MediaJob> => ({ state: 'running', ...change });
const OVER = { owner: 'dead', until: NOON };

describe('the sweep of jobs', () => {
  it('has jobs run that nobody came for, and leaves those alone that somebody will come for any moment', async () => {
    const waiting = await stage({});
    expect(await waiting.sweep()).toMatchObject({ open: 1, started: 1 });
    expect(waiting.started).toEqual([{ account: 'usr_1', id: 'job_1' }]);
    const fresh = await stage({}, 5_000);
    expect(await fresh.sweep()).toMatchObject({ open: 1, started: 0 });
  });

  it('leaves a job alone that somebody runs', async () => {
    const { sweep, started } = await stage(running({ lease: { owner: 'one', until: NOON + 1 } }));
    expect(await sweep()).toMatchObject({ started: 0, ended: 0, unlisted: 0 });
    expect(started).toEqual([]);
  });

  it('has a job run again whose runner is gone, where nothing was sent or it is known how to go on', async () => {
    for (const change of [{ lease: OVER }, { lease: OVER, sentAt: NOON - 9, upstream: '{}' }]) {
      const { sweep, started } = await stage(running(change));
      expect(await sweep()).toMatchObject({ started: 1, ended: 0 });
      expect(started).toHaveLength(1);
    }
  });

  it('gives a job up whose runner is gone after it was sent, and has its end told', async () => {
    const silent = await stage(running({ lease: OVER, sentAt: NOON - 9 }));
    expect(await silent.sweep()).toMatchObject({ started: 0, ended: 1 });
    expect(await silent.state()).toBe('unknown');
    expect(await silent.sweep()).toMatchObject({ unlisted: 1 });
    expect(silent.jobs.open.size).toBe(0);
    const awaited = await stage(running({ lease: OVER, sentAt: NOON - 9, webhook: WEBHOOK }));
    expect(await awaited.sweep()).toMatchObject({ ended: 1 });
    expect(awaited.started).toHaveLength(1);
  });

  it('gives up what nobody could do for an hour', async () => {
    const { sweep, state } = await stage({}, HOUR + 1);
    expect(await sweep()).toMatchObject({ started: 0, ended: 1 });
    expect(await state()).toBe('failed');
  });

  it('has an end told again when that is due, and not before', async () => {
    const ended = { state: 'succeeded', finishedAt: NOON - 1 } as const;
    const due = await stage({ ...ended, webhook: WEBHOOK });
    expect(await due.sweep()).toMatchObject({ started: 1 });
    const later = await stage({ ...ended, webhook: { ...WEBHOOK, nextAt: NOON + 1 } });
    expect(await later.sweep()).toMatchObject({ started: 0, unlisted: 0 });
    const told = await stage({ ...ended, webhook: { ...WEBHOOK, outcome: 'delivered' } });
    expect(await told.sweep()).toMatchObject({ unlisted: 1 });
  });

  it('forgets what was listed and never made, or is gone', async () => {
    const { sweep, jobs } = await stage({ expiresAt: NOON });
    expect(await sweep()).toMatchObject({ open: 1, unlisted: 1 });
    expect(jobs.open.size).toBe(0);
  });

  it('stops when its time is over and says so', async () => {
    const { jobs } = await stage({});
    const report = await sweepJobs({ jobs, startJob: async () => undefined, clock: () => NOON, mayGoOn: () => false });
    expect(report).toMatchObject({ open: 0, unfinished: true });
  });
});
