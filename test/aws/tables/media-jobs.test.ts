import { randomBytes } from 'node:crypto';
import { createSignedTableClient } from '../../../layers/aws/signed-table-client.ts';
import type { TableClient } from '../../../layers/aws/table-client.ts';
import { createMediaJobStore } from '../../../layers/aws/tables/media-jobs.ts';
import type { KeptRequest, MediaJob } from '../../../layers/core/media/job.ts';
import type { MediaJobStore } from '../../../layers/core/media/job-store.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';
import { createMemoryJobs } from '../../support/memory-jobs.ts';

let embedded: EmbeddedTables;
let client: TableClient;
let stores: Record<'embedded' | 'memory', MediaJobStore>;
const objects = new Map<string, Buffer>();

beforeAll(async () => {
  embedded = await startEmbeddedTables();
  client = createSignedTableClient({ aws: embedded.aws });
  const large = {
    put: async (name: string, body: Buffer) => void objects.set(name, body),
    get: async (name: string) => objects.get(name) ?? null,
    remove: async (name: string) => void objects.delete(name),
  };
  stores = {
    embedded: createMediaJobStore(client, embedded.tables.content, large),
    memory: createMemoryJobs(),
  };
});
afterAll(async () => {
  await client.close();
  await embedded.close();
});

const NOON = Date.parse('2026-03-01T12:00:00Z');
let count = 0;

function aJob(change: Partial<MediaJob> = {}): MediaJob {
  count += 1;
  return {
    account: 'usr_1',
    id: `job_${count}`,
    operation: 'images',
    keyId: null,
    endpoint: 'POST /v1/images/generations',
    digest: 'a digest',
    model: 'paint',
    state: 'queued',
    progress: 0,
    createdAt: NOON,
    startedAt: null,
    finishedAt: null,
    expiresAt: NOON + 86_400_000,
    lease: null,
    requestId: null,
    sentAt: null,
    upstream: null,
    error: null,
    webhook: null,
    answerStatus: null,
    ...change,
  };
}

const REQUEST: KeptRequest = {
  method: 'POST',
  path: '/v1/images/generations',
  query: 'a=b',
  headers: { 'content-type': 'application/json' },
  body: Buffer.from('{"prompt":"a cat"}'),
  clientAddress: '192.0.2.1',
};
const holdOf = (job: MediaJob, owner = 'one') => ({ account: job.account, id: job.id, owner });
const answerOf = (body: Buffer, status = 200) => ({ status, headers: { 'content-type': 'application/json' }, body });
const CLAIM = { now: NOON, until: NOON + 60_000, requestId: 'r1', earlier: [] };

describe.each(['embedded', 'memory'] as const)('jobs in the %s store', (which) => {
  const begin = async (change: Partial<MediaJob> = {}): Promise<MediaJob> => {
    const job = aJob(change);
    expect(await stores[which].create(job, { request: REQUEST, listed: true })).toBeNull();
    return job;
  };

  it('are made once: whoever comes second is told what is there', async () => {
    const job = await begin();
    expect(await stores[which].find(job, NOON)).toEqual(job);
    const second = await stores[which].create({ ...job, digest: 'another' }, { request: null, listed: false });
    expect(second).toEqual(job);
    expect(await stores[which].readRequest(job)).toEqual(REQUEST);
  });

  it('keep the request that they were made with, whatever is asked under their id', async () => {
    const job = await begin();
    const other = { ...REQUEST, body: Buffer.from('{"prompt":"a dog"}') };
    await stores[which].create({ ...job, digest: 'another' }, { request: other, listed: false });
    expect(await stores[which].readRequest(job)).toEqual(REQUEST);
  });

  it('that have expired are none, and their id may be used anew', async () => {
    const job = await begin();
    expect(await stores[which].find(job, job.expiresAt)).toBeNull();
    const later = { ...job, digest: 'another', createdAt: job.expiresAt, expiresAt: job.expiresAt + 1 };
    expect(await stores[which].create(later, { request: null, listed: false })).toBeNull();
  });

  it('are taken up by one of twenty', async () => {
    const job = await begin();
    const claims = Array.from({ length: 20 }, (_, at) => stores[which].claim(holdOf(job, `runner ${at}`), CLAIM));
    const won = (await Promise.all(claims)).filter((claimed) => claimed !== null);
    expect(won).toHaveLength(1);
    expect(won[0]).toMatchObject({
      state: 'running',
      requestId: 'r1',
      startedAt: NOON,
      lease: { until: NOON + 60_000 },
    });
  });

  it('whose runner is gone are taken up again only where nothing was sent, or it is known how to go on', async () => {
    const store = stores[which];
    const unsent = await begin();
    const sent = await begin();
    const known = await begin();
    for (const job of [unsent, sent, known]) await store.claim(holdOf(job), CLAIM);
    expect(await store.markSent(holdOf(sent), NOON + 1)).toBe(true);
    expect(await store.markSent(holdOf(known), NOON + 1)).toBe(true);
    expect(await store.keepUpstream(holdOf(known), '{"id":"up_1"}')).toBe(true);
    const late = { now: NOON + 60_000, until: NOON + 120_000, requestId: 'r2', earlier: ['r1'] };
    const early = { ...late, now: NOON + 59_999 };
    for (const job of [unsent, sent, known]) expect(await store.claim(holdOf(job, 'two'), early)).toBeNull();
    expect(await store.claim(holdOf(unsent, 'two'), late)).toMatchObject({
      requestId: 'r2',
      earlier: ['r1'],
      lease: { owner: 'two' },
    });
    expect(await store.claim(holdOf(sent, 'two'), late)).toBeNull();
    expect(await store.claim(holdOf(known, 'two'), late)).toMatchObject({ upstream: '{"id":"up_1"}' });
  });

  it('are written by whoever holds them and by nobody else', async () => {
    const store = stores[which];
    const job = await begin();
    await store.claim(holdOf(job), CLAIM);
    await store.claim(holdOf(job, 'two'), { ...CLAIM, now: NOON + 60_000, until: NOON + 120_000 });
    const end = { state: 'succeeded', error: null, answer: answerOf(Buffer.from('late')), finishedAt: NOON } as const;
    expect(await store.markSent(holdOf(job), NOON)).toBe(false);
    expect(await store.renew(holdOf(job), { until: NOON + 1 })).toBeNull();
    expect(await store.keepUpstream(holdOf(job), '{}')).toBe(false);
    expect(await store.finish(holdOf(job), end)).toBe(false);
    expect(await store.release(holdOf(job))).toBe(false);
    expect(await store.renew(holdOf(job, 'two'), { until: NOON + 180_000, progress: 30 })).toMatchObject({
      progress: 30,
    });
  });

  it('keep their answer, small or large, byte by byte', async () => {
    const store = stores[which];
    for (const body of [
      Buffer.alloc(0),
      Buffer.from('{"data":[]}'),
      randomBytes(400 * 1024),
      randomBytes(3 * 1024 * 1024),
    ]) {
      const job = await begin();
      await store.claim(holdOf(job), CLAIM);
      const end = { state: 'succeeded', error: null, answer: answerOf(body), finishedAt: NOON + 5 } as const;
      expect(await store.finish(holdOf(job), end)).toBe(true);
      const ended = await store.find(job, NOON);
      expect(ended).toMatchObject({ state: 'succeeded', finishedAt: NOON + 5, answerStatus: 200 });
      const kept = await store.readAnswer(ended!);
      expect([kept?.status, kept?.headers]).toEqual([200, { 'content-type': 'application/json' }]);
      expect(kept?.body.equals(body)).toBe(true);
    }
  });

  it('keep a large request too, and lose everything when they are removed', async () => {
    const store = stores[which];
    const body = randomBytes(2 * 1024 * 1024);
    const job = aJob();
    await store.create(job, { request: { ...REQUEST, body }, listed: false });
    expect((await store.readRequest(job))?.body.equals(body)).toBe(true);
    expect(await store.remove(job)).toBe(true);
    expect(await store.readRequest(job)).toBeNull();
    expect(await store.remove(job)).toBe(false);
    if (which === 'embedded') expect([...objects.keys()].filter((name) => name.includes(`${job.id}/`))).toEqual([]);
  });

  it('end once: what is cancelled stays cancelled, and what has ended cannot be cancelled', async () => {
    const store = stores[which];
    const job = await begin();
    await store.claim(holdOf(job), CLAIM);
    expect(await store.cancel(job, NOON + 3)).toMatchObject({ state: 'cancelled', finishedAt: NOON + 3 });
    const end = { state: 'succeeded', error: null, answer: null, finishedAt: NOON + 5 } as const;
    expect(await store.finish(holdOf(job), end)).toBe(false);
    const other = await begin();
    await store.claim(holdOf(other), CLAIM);
    await store.finish(holdOf(other), end);
    expect(await store.cancel(other, NOON + 9)).toMatchObject({ state: 'succeeded', finishedAt: NOON + 5 });
    expect(await store.cancel({ account: 'usr_1', id: 'none' }, NOON)).toBeNull();
  });

  it('that nobody holds any more are given up once, and those that somebody holds are not', async () => {
    const store = stores[which];
    const job = await begin();
    const held = await store.claim(holdOf(job), CLAIM);
    const error = { code: 'outcome_unknown', message: 'gone' } as const;
    const end = { state: 'unknown', error, answer: null } as const;
    expect(await store.finishLeft(held!, { ...end, finishedAt: NOON + 59_999 })).toBe(false);
    expect(await store.finishLeft(held!, { ...end, finishedAt: NOON + 60_000 })).toBe(true);
    expect(await store.finishLeft(held!, { ...end, finishedAt: NOON + 60_001 })).toBe(false);
    expect(await store.find(job, NOON)).toMatchObject({ state: 'unknown', error });
  });

  it('that came to nothing are gone, and may be asked for anew', async () => {
    const store = stores[which];
    const job = await begin();
    await store.claim(holdOf(job), CLAIM);
    expect(await store.release(holdOf(job))).toBe(true);
    expect(await store.find(job, NOON)).toBeNull();
  });

  it('are listed until somebody says that nothing is left to be done', async () => {
    const store = stores[which];
    const job = await begin({ account: `usr_${which}` });
    const listed = async () => (await store.listOpen(100)).filter(({ id }) => id === job.id);
    expect(await listed()).toEqual([{ account: job.account, id: job.id, createdAt: job.createdAt }]);
    await store.unlist(job);
    expect(await listed()).toEqual([]);
  });

  it('remember whom they have told', async () => {
    const webhook = {
      url: 'https://a.example/',
      pepperVersion: 'v1',
      attempts: 0,
      nextAt: 0,
      outcome: 'pending',
    } as const;
    const job = await begin({ webhook });
    await stores[which].noteWebhook(job, { ...webhook, attempts: 1, outcome: 'delivered' });
    expect((await stores[which].find(job, NOON))?.webhook).toEqual({ ...webhook, attempts: 1, outcome: 'delivered' });
  });
});
