import { describe, expect, it } from '@jest/globals';
import type { Scheduler } from '@sluice/kit/time/scheduler';
import type { MediaJobStore } from '@sluice/core/media/job-store';
import { sweepJobs } from '@sluice/core/media/sweep-jobs';
import type { UsageStore } from '@sluice/core/metering/store';
import { jsonOf } from '../../support/fake-upstream.ts';
import { createMemoryJobs, type MemoryJobs } from '../../support/memory-jobs.ts';
import { createMemoryUsageStore, type MemoryUsageStore } from '../../support/memory-stores.ts';
import { call, CHAT, NOW, startRig, type Call, type Rig } from './rig.ts';

/*
 * A fault at every await of a run: at each call of the stores in turn, the call fails before it is made, its answer is
 * lost, or the process dies there. Another process comes later, and the client asks again under its key.
 */

const ANSWER = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'up',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
});
const LATER = NOW + 10 * 60_000;

type Fault = 'fails' | 'loses its answer' | 'is the last';

interface Process {
  calls: string[];
  dead: Promise<void>;
  wrap<Store extends object>(name: string, store: Store): Store;
}

/** A process whose call number `at` to any of its stores meets the fault. */
function createProcess(at: number, fault: Fault): Process {
  const { promise: dead, resolve: die } = Promise.withResolvers<void>();
  const calls: string[] = [];
  let isDead = false;
  const never = new Promise<never>(() => undefined);
  const meet = async (name: string, make: () => Promise<unknown>): Promise<unknown> => {
    if (isDead) return never;
    calls.push(name);
    if (calls.length - 1 !== at) return make().then((value) => (isDead ? never : value));
    if (fault === 'fails') throw new Error('the store is out of reach');
    if (fault === 'loses its answer') {
      await make();
      throw new Error('the answer was lost');
    }
    isDead = true;
    die();
    return never;
  };
  return {
    calls,
    dead,
    wrap: (name, store) =>
      Object.fromEntries(
        Object.entries(store).map(([method, run]) => [
          method,
          typeof run === 'function'
            ? (...given: unknown[]) => meet(`${name}.${method}`, () => Promise.resolve(run.apply(store, given)))
            : run,
        ]),
      ) as typeof store,
  };
}

/** Waits are over at once, and signs of life are not given: every await of a run is a store's. */
const hasty: Scheduler = {
  monotonicMs: () => 0,
  after(delayMs, callback) {
    if (delayMs === 10_000 || delayMs > 60_000) return () => undefined;
    const timer = setImmediate(callback);
    return () => clearImmediate(timer);
  },
};

interface Stage {
  jobs: MemoryJobs;
  usage: MemoryUsageStore;
  upstreamCalls: number;
}

async function startProcess(stage: Stage, process: Process | null, now: number): Promise<Rig> {
  const { jobs, usage } = stage;
  const rig = await startRig({
    scheduler: hasty,
    deps: {
      clock: () => now,
      jobs: process === null ? jobs : process.wrap<MediaJobStore>('jobs', jobs),
      usage: process === null ? usage : process.wrap<UsageStore>('usage', usage as unknown as UsageStore),
    },
  });
  rig.upstream.answer(() => {
    stage.upstreamCalls += 1;
    return jsonOf(ANSWER);
  });
  return rig;
}

async function living<Value>(working: Promise<Value>, { dead }: Process): Promise<Value | 'dead'> {
  return Promise.race([working, dead.then(() => 'dead' as const)]);
}

function newStage(): Stage {
  return { jobs: createMemoryJobs(), usage: createMemoryUsageStore(), upstreamCalls: 0 };
}

/** Events that cost something, and those that nobody closed: the sweep of holds charges them. */
function charged({ usage }: Stage): number {
  return [...usage.rows.values()].filter(({ closing }) => closing === null || closing.source !== 'void').length;
}

async function asks(rig: Rig, key = 'one'): Promise<Call> {
  return call(rig, { headers: { 'idempotency-key': key }, body: CHAT });
}

async function countCalls(run: (process: Process) => Promise<void>): Promise<number> {
  const process = createProcess(Infinity, 'fails');
  await run(process);
  return process.calls.length;
}

const FAULTS: readonly Fault[] = ['fails', 'loses its answer', 'is the last'];

async function askOnce(stage: Stage, process: Process): Promise<Call | 'dead'> {
  const rig = await startProcess(stage, process, NOW);
  const asking = asks(rig).catch(() => 'dead' as const);
  const first = await living(asking, process);
  await rig.close();
  return first;
}

describe('a request under a key, with a fault at each of its stores’ calls', () => {
  it.each(FAULTS)(
    'whose call %s: the upstream is asked at most once, and what it made is not lost silently',
    async (fault) => {
      const count = await countCalls(async (process) => void (await askOnce(newStage(), process)));
      expect(count).toBeGreaterThan(4);
      for (let at = 0; at < count; at += 1) {
        const stage = newStage();
        const process = createProcess(at, fault);
        const first = await askOnce(stage, process);
        const place = `${fault} at ${process.calls[at]}`;
        const rig = await startProcess(stage, null, LATER);
        const again = await asks(rig);
        const third = await asks(rig);
        await rig.close();
        expect([place, stage.upstreamCalls <= 1]).toEqual([place, true]);
        expect([place, charged(stage) <= 1]).toEqual([place, true]);
        // What anybody was told is told again; and where nobody knows, that is told.
        if (first !== 'dead' && first.status === 200) expect([place, again.text]).toEqual([place, first.text]);
        expect([place, [200, 409].includes(again.status)]).toEqual([place, true]);
        if (again.status === 409) expect([place, again.json.error.code]).toEqual([place, 'outcome_unknown']);
        if (again.status === 200) expect([place, stage.upstreamCalls]).toEqual([place, 1]);
        expect([place, third.status, third.text]).toEqual([place, again.status, expect.any(String)]);
      }
    },
    120_000,
  );
});

describe('a job that runs by itself, with a fault at each of its stores’ calls', () => {
  const REQUEST = { model: 'public', input: 'Say hi.', background: true };

  async function submit(stage: Stage): Promise<string> {
    const rig = await startProcess(stage, null, NOW);
    const { json } = await call(rig, { path: '/v1/responses', body: REQUEST });
    await rig.close();
    return json.id as string;
  }

  async function runOnce(stage: Stage, id: string, process: Process): Promise<void> {
    const rig = await startProcess(stage, process, NOW);
    await living(
      rig.runJob({ account: 'usr_1', id }).catch(() => 'failed'),
      process,
    );
    await rig.close();
  }

  it.each(FAULTS)(
    'whose call %s: the sweep brings it to an end, and the upstream is asked at most once',
    async (fault) => {
      const count = await countCalls(async (process) => {
        const stage = newStage();
        await runOnce(stage, await submit(stage), process);
      });
      expect(count).toBeGreaterThan(6);
      for (let at = 0; at < count; at += 1) {
        const stage = newStage();
        const id = await submit(stage);
        const process = createProcess(at, fault);
        await runOnce(stage, id, process);
        const place = `${fault} at ${process.calls[at]}`;
        const rig = await startProcess(stage, null, LATER);
        const sweep = () =>
          sweepJobs({
            jobs: stage.jobs,
            startJob: async (key) => void (await rig.runJob(key)),
            clock: () => LATER,
            mayGoOn: () => true,
          });
        for (let turn = 0; turn < 3; turn += 1) await sweep();
        const { json } = await call(rig, { method: 'GET', path: `/v1/responses/${id}` });
        await rig.close();
        expect([place, stage.upstreamCalls <= 1, charged(stage) <= 1]).toEqual([place, true, true]);
        expect([place, ['completed', 'failed'].includes(json.status)]).toEqual([place, true]);
        if (json.status === 'completed') expect([place, stage.upstreamCalls]).toEqual([place, 1]);
        expect([place, stage.jobs.open.size]).toEqual([place, 0]);
      }
    },
    120_000,
  );
});
