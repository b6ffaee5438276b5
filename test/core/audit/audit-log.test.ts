import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OPEN_FOR_MS, type AuditLog } from '../../../layers/core/audit/audit-log.ts';
import type { AuditEntry } from '../../../layers/core/audit/entry.ts';
import type { AppendRequest, AuditStore } from '../../../layers/core/audit/store.ts';
import { createRig, DONE, FACTS, verifyAll, type Rig } from './rig.ts';

describe('an action in the log', () => {
  it('is begun before it runs and ended after it, by two entries that name each other', async () => {
    const { log, store } = createRig();
    const begun = await log.begin(FACTS);
    expect(store.entries()).toMatchObject([{ sequence: 1, outcome: 'begun', status: null, actorName: 'ann' }]);
    await log.end(begun, DONE);
    expect(store.entries()[1]).toMatchObject({ sequence: 2, outcome: 'succeeded', status: 200, begunBy: 1 });
    expect(store.state.head).toMatchObject({ sequence: 2, open: {} });
  });

  it('that nobody ends is ended as unknown by the next one, once nobody can be at work on it', async () => {
    const rig = createRig();
    await rig.log.begin(FACTS);
    rig.now.ms += OPEN_FOR_MS - 10;
    await rig.act();
    expect(rig.store.entries().map(({ outcome }) => outcome)).toEqual(['begun', 'begun', 'succeeded']);
    rig.now.ms += 1;
    await Promise.all([rig.act(), rig.another().begin(FACTS)]);
    const unknown = rig.store.entries().filter(({ outcome }) => outcome === 'unknown');
    expect(unknown).toMatchObject([{ begunBy: 1, target: 'gpt-5', status: null }]);
    expect((await rig.verify()).broken).toBeNull();
  });

  it('is ended as unknown once, though another process saw it open before', async () => {
    const rig = createRig();
    await rig.log.begin(FACTS);
    rig.now.ms += OPEN_FOR_MS + 1;
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const slow = rig.another({
      ...rig.store,
      findEntry: async (sequence) => {
        await released;
        return rig.store.findEntry(sequence);
      },
    });
    const late = slow.begin(FACTS);
    await rig.act();
    release();
    await late;
    expect(rig.store.entries().filter(({ outcome }) => outcome === 'unknown')).toHaveLength(1);
  });

  it('that is ended after all is told of again', async () => {
    const rig = createRig();
    const begun = await rig.log.begin(FACTS);
    rig.now.ms += OPEN_FOR_MS + 1;
    await rig.act();
    await rig.log.end(begun, DONE);
    expect(rig.store.entries().filter(({ begunBy }) => begunBy === 1)).toMatchObject([
      { outcome: 'unknown' },
      { outcome: 'succeeded' },
    ]);
    expect((await rig.verify()).broken).toBeNull();
  });

  it('never stands before the one that was written before it, whatever the clock says', async () => {
    const rig = createRig();
    await rig.act();
    rig.now.ms -= 500;
    await rig.act();
    const times = rig.store.entries().map(({ time }) => time);
    expect(times).toEqual(times.toSorted((left, right) => left - right));
  });

  it('may not run when the log cannot be written', async () => {
    const rig = createRig();
    rig.store.append = () => Promise.reject(new Error('no store'));
    await expect(rig.log.begin(FACTS)).rejects.toMatchObject({ code: 'store_unavailable', status: 503 });
    rig.store.readHead = () => Promise.reject(new Error('no store'));
    await expect(rig.log.begin(FACTS)).rejects.toThrow();
  });

  it('of fifty at once from three processes all stand there, once each', async () => {
    const rig = createRig();
    const processes = [rig.log, rig.another(), rig.another()];
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const log = processes[index % 3] as AuditLog;
        const begun = await log.begin({ ...FACTS, target: `t${index}` });
        await log.end(begun, { ...DONE, target: `t${index}` });
      }),
    );
    expect(rig.store.entries()).toHaveLength(100);
    expect(await rig.verify()).toMatchObject({ broken: null, checked: 100, open: 0 });
  });
});

type Fate = 'well' | 'refused-before' | 'answer-lost' | 'late' | 'crash';
class Crash extends Error {}

/** A store whose calls meet their fates in order; what is late arrives before some later call, or never. */
function faultyStore(store: AuditStore, fates: Fate[]): AuditStore {
  const late: AppendRequest[] = [];
  let crashed = false;
  const meet = async <Result>(call: () => Promise<Result>, request?: AppendRequest): Promise<Result> => {
    if (crashed) throw new Crash('this process is gone');
    const fate = fates.shift() ?? 'well';
    if (fate === 'well') {
      const arrived = late.shift();
      const result = await call();
      if (arrived) await store.append(arrived);
      return result;
    }
    if (fate === 'answer-lost') await call();
    if (fate === 'late' && request) late.push(request);
    crashed = fate === 'crash';
    throw new Error(fate);
  };
  return {
    ...store,
    readHead: () => meet(() => store.readHead()),
    findEntry: (sequence) => meet(() => store.findEntry(sequence)),
    append: (request) => meet(() => store.append(request), request),
  };
}

const fate = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Fate>('well') },
  { weight: 4, arbitrary: fc.constantFrom<Fate>('refused-before', 'answer-lost', 'late') },
  { weight: 1, arbitrary: fc.constant<Fate>('crash') },
);

describe('with faults at every call to the store', () => {
  const plans = fc.array(fc.array(fate, { maxLength: 30 }), { minLength: 1, maxLength: 3 });

  it('the chain never breaks, never forks, and never loses or doubles what was acknowledged', async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (fates) => {
        const rig = createRig();
        const told: Pick<AuditEntry, 'sequence' | 'target' | 'outcome'>[] = [];
        await Promise.all(fates.map((plan, index) => actThrice(rig, faultyStore(rig.store, plan), `p${index}`, told)));
        expect(await verifyAll(rig.store)).toMatchObject({ broken: null, checked: rig.store.rows.size });
        const entries = rig.store.entries();
        for (const { sequence, target, outcome } of told) {
          expect(entries[sequence - 1]).toMatchObject({ sequence, target, outcome });
        }
        const names = entries.map(({ actionId, outcome }) => `${actionId} ${outcome}`);
        expect(new Set(names).size).toBe(names.length);

        // Whatever was left behind is ended by those who come later.
        rig.now.ms += OPEN_FOR_MS + 1;
        for (let round = 0; round < 9; round += 1) await rig.act('later');
        expect(await verifyAll(rig.store)).toMatchObject({ broken: null, open: 0 });
      }),
      { numRuns: Number(process.env['LAW_RUNS'] ?? 300) },
    );
  });
});

async function actThrice(
  rig: Rig,
  store: AuditStore,
  name: string,
  told: Pick<AuditEntry, 'sequence' | 'target' | 'outcome'>[],
): Promise<void> {
  const log = rig.another(store);
  for (let round = 0; round < 3; round += 1) {
    const target = `${name}-${round}`;
    const begun = await log.begin({ ...FACTS, target }).catch(() => null);
    if (begun === null) continue;
    told.push({ sequence: begun.sequence, target, outcome: 'begun' });
    const ended = await log.end(begun, { ...DONE, target }).catch(() => null);
    if (ended) told.push(ended);
  }
}
