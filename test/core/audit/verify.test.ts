import { describe, expect, it } from '@jest/globals';
import { hashOf, type AuditEntry } from '../../../layers/core/audit/entry.ts';
import { verifyAudit } from '../../../layers/core/audit/verify.ts';
import { auditKey } from '../../support/memory-audit.ts';
import { createRig, type Rig } from './rig.ts';

/** Ten actions: entries 1 to 20. */
async function tenActions(): Promise<Rig> {
  const rig = createRig();
  for (let index = 0; index < 10; index += 1) await rig.act(`model-${index}`);
  return rig;
}

function edit(rig: Rig, sequence: number, change: Partial<AuditEntry>, rehash = false): void {
  const row = rig.store.rows.get(auditKey(sequence));
  if (!row) throw new Error(`no entry ${sequence}`);
  const edited = { ...row, ...change };
  rig.store.rows.set(auditKey(sequence), rehash ? { ...edited, hash: hashOf(edited) } : edited);
}

describe('a log that nobody touched', () => {
  it('proves, in one call and in many', async () => {
    const rig = await tenActions();
    for (const limit of [1, 3, 20, 1_000]) {
      expect(await rig.verify(limit)).toMatchObject({ checked: 20, broken: null, open: 0, position: { sequence: 20 } });
    }
  });

  it('proves when it is empty', async () => {
    expect(await createRig().verify()).toMatchObject({ checked: 0, broken: null, head: null });
  });

  it('proves while it grows', async () => {
    const rig = await tenActions();
    const first = await verifyAudit(rig.store, { from: null, limit: 20 });
    await rig.act();
    expect(first).toMatchObject({ broken: null });
    const { readRows } = rig.store;
    rig.store.readRows = async (request) => {
      await rig.act();
      return readRows(request);
    };
    expect(await rig.verify(7)).toMatchObject({ broken: null });
  });

  it('goes through a head that was noted before', async () => {
    const rig = await tenActions();
    const noted = { sequence: 20, hash: rig.store.state.head?.hash ?? '' };
    await rig.act();
    expect(await verifyAudit(rig.store, { from: null, limit: 100, anchor: noted })).toMatchObject({ broken: null });
  });
});

describe('the first broken entry is named when', () => {
  const fields: Partial<AuditEntry>[] = [
    { actorName: 'bob' },
    { actorId: null },
    { time: 999 },
    { action: 'GET /' },
    { target: 'other' },
    { status: 500 },
    { outcome: 'refused' },
    { address: '192.0.2.2' },
    { requestId: 'other' },
    { changes: [] },
    { begunBy: 3 },
    { actionId: 'other' },
    { errorCode: 'conflict' },
    { previous: '1'.repeat(64) },
    { hash: '1'.repeat(64) },
  ];
  it.each(fields)('one row was edited: %j', async (change) => {
    const rig = await tenActions();
    edit(rig, 12, change);
    for (const limit of [5, 1_000]) {
      expect((await rig.verify(limit)).broken).toMatchObject({ sequence: 12, kind: 'edited' });
    }
  });

  it.each([1, 12, 19, 20])('row %i was edited and hashed anew', async (sequence) => {
    const rig = await tenActions();
    edit(rig, sequence, { target: 'other' }, true);
    for (const limit of [5, 1_000]) {
      expect((await rig.verify(limit)).broken).toMatchObject({ sequence, kind: 'replaced' });
    }
  });

  it.each([1, 12, 19])('row %i was removed', async (sequence) => {
    const rig = await tenActions();
    rig.store.rows.delete(auditKey(sequence));
    for (const limit of [1, 5, 1_000]) {
      expect((await rig.verify(limit)).broken).toMatchObject({ sequence, kind: 'removed' });
    }
  });

  it('two rows were swapped', async () => {
    const rig = await tenActions();
    const [left, right] = [rig.store.rows.get(auditKey(7)), rig.store.rows.get(auditKey(11))];
    if (!left || !right) throw new Error('rows are missing');
    rig.store.rows.set(auditKey(7), right).set(auditKey(11), left);
    expect((await rig.verify()).broken).toMatchObject({ sequence: 7, kind: 'moved' });
    rig.store.rows.set(auditKey(7), { ...right, sequence: 7 }).set(auditKey(11), { ...left, sequence: 11 });
    expect((await rig.verify()).broken).toMatchObject({ sequence: 7, kind: 'edited' });
  });

  it.each([1, 5])('the last %i rows were cut off', async (count) => {
    const rig = await tenActions();
    for (let cut = 0; cut < count; cut += 1) rig.store.rows.delete(auditKey(20 - cut));
    for (const limit of [4, 1_000]) {
      expect((await rig.verify(limit)).broken).toMatchObject({ sequence: 21 - count, kind: 'truncated' });
    }
  });

  it('the tail was cut off together with the head, and the head had been noted', async () => {
    const rig = await tenActions();
    const { head } = rig.store.state;
    const last = rig.store.rows.get(auditKey(18));
    if (!head || !last) throw new Error('rows are missing');
    for (const sequence of [19, 20]) rig.store.rows.delete(auditKey(sequence));
    rig.store.state.head = { ...head, sequence: 18, hash: last.hash };
    expect((await rig.verify()).broken).toBeNull();
    const noted = { sequence: 20, hash: head.hash };
    const { broken } = await verifyAudit(rig.store, { from: null, limit: 100, anchor: noted });
    expect(broken).toMatchObject({ sequence: 20, kind: 'anchor' });
  });

  it('a row was inserted: between two, behind the head, under a key that is none', async () => {
    for (const [key, sequence] of [
      [`${auditKey(4)}x`, 5],
      [auditKey(21), 21],
      ['zzz', 21],
    ] as const) {
      const rig = await tenActions();
      const copy = rig.store.rows.get(auditKey(4));
      if (!copy) throw new Error('a row is missing');
      rig.store.rows.set(key, { ...copy, sequence });
      expect((await rig.verify()).broken).toMatchObject({ sequence, kind: 'inserted' });
    }
  });

  it('the head was removed', async () => {
    const rig = await tenActions();
    rig.store.state.head = null;
    expect((await rig.verify()).broken).toMatchObject({ sequence: 1, kind: 'head' });
  });

  it('the whole chain behind an edit was hashed anew, and its head had been noted', async () => {
    const rig = await tenActions();
    const { head } = rig.store.state;
    if (!head) throw new Error('no head');
    const noted = { sequence: head.sequence, hash: head.hash };
    edit(rig, 12, { target: 'other' }, true);
    for (let sequence = 13; sequence <= 20; sequence += 1) {
      edit(rig, sequence, { previous: rig.store.rows.get(auditKey(sequence - 1))?.hash ?? '' }, true);
    }
    rig.store.state.head = { ...head, hash: rig.store.rows.get(auditKey(20))?.hash ?? '' };
    expect((await rig.verify()).broken).toBeNull();
    const { broken } = await verifyAudit(rig.store, { from: null, limit: 100, anchor: noted });
    expect(broken).toMatchObject({ kind: 'anchor' });
  });
});

describe('letting go of old entries', () => {
  it('keeps the chain provable, and says so in it', async () => {
    const rig = createRig();
    for (let index = 0; index < 120; index += 1) await rig.act();
    const until = rig.now.ms - 50;
    expect(await rig.log.prune(until)).toBe(228);
    const entries = rig.store.entries();
    expect(entries[0]?.sequence).toBe(229);
    expect(entries.filter(({ action }) => action === 'audit.prune')).toHaveLength(3);
    expect(await rig.verify(5)).toMatchObject({ broken: null, checked: 12 + 3 });
    await rig.act();
    expect(await rig.log.prune(until)).toBe(0);
    expect(await rig.verify()).toMatchObject({ broken: null });
  });

  it('may let go of all but the entry that tells of it', async () => {
    const rig = await tenActions();
    expect(await rig.log.prune(rig.now.ms + 1)).toBe(20);
    expect(rig.store.entries()).toMatchObject([{ sequence: 21, action: 'audit.prune' }]);
    await rig.act();
    expect(await rig.verify()).toMatchObject({ checked: 3, broken: null });
  });

  it('never lets go of an action that is not ended', async () => {
    const rig = createRig();
    await rig.act();
    const begun = await rig.log.begin({ ...(rig.store.entries()[0] as AuditEntry) });
    await rig.act();
    expect(await rig.log.prune(rig.now.ms + 1)).toBe(2);
    expect(rig.store.entries()[0]?.sequence).toBe(begun.sequence);
    expect((await rig.verify()).broken).toBeNull();
  });

  it('keeps entries that do not prove', async () => {
    const rig = await tenActions();
    edit(rig, 6, { actorName: 'bob' });
    expect(await rig.log.prune(rig.now.ms + 1)).toBe(5);
    expect((await rig.verify()).broken).toMatchObject({ sequence: 6, kind: 'edited' });
  });

  it('is not believed when nobody tells of it: the oldest rows were removed and a checkpoint made up', async () => {
    const rig = await tenActions();
    const last = rig.store.rows.get(auditKey(4));
    for (let sequence = 1; sequence <= 4; sequence += 1) rig.store.rows.delete(auditKey(sequence));
    rig.store.state.checkpoint = { sequence: 4, hash: last?.hash ?? '', toldBy: 9 };
    expect((await rig.verify()).broken).toMatchObject({ sequence: 5, kind: 'checkpoint' });
  });

  it('while somebody verifies is no fault', async () => {
    const rig = createRig();
    for (let index = 0; index < 60; index += 1) await rig.act();
    const first = await verifyAudit(rig.store, { from: null, limit: 10 });
    await rig.log.prune(rig.now.ms - 100);
    let next = first.next;
    let broken = first.broken;
    while (next !== null && broken === null) {
      const report = await verifyAudit(rig.store, { from: next, limit: 10 });
      ({ next, broken } = report);
    }
    expect(broken).toBeNull();
  });
});
