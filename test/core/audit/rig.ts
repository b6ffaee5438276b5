import {
  createAuditLog,
  type ActionEnd,
  type ActionFacts,
  type AuditLog,
} from '../../../layers/core/audit/audit-log.ts';
import type { AuditStore } from '../../../layers/core/audit/store.ts';
import { verifyAudit, type VerifyReport } from '../../../layers/core/audit/verify.ts';
import { createMemoryAuditStore, type MemoryAuditStore } from '../../support/memory-audit.ts';

export const FACTS: ActionFacts = {
  actorId: 'usr_1',
  actorName: 'ann',
  actorRole: 'admin',
  actorBy: 'token',
  address: '192.0.2.1',
  action: 'PUT /api/admin/models/{name+}',
  target: 'gpt-5',
  requestId: 'rid',
  changes: [{ field: 'class', before: '"chat"', after: '"heavy"' }],
};
export const DONE: ActionEnd = {
  outcome: 'succeeded',
  status: 200,
  errorCode: null,
  target: 'gpt-5',
  changes: FACTS.changes,
};

export interface Rig {
  store: MemoryAuditStore;
  now: { ms: number };
  log: AuditLog;
  /** One more process on the same store. */
  another(store?: AuditStore): AuditLog;
  act(target?: string): Promise<void>;
  verify(limit?: number): Promise<VerifyReport>;
}

export function createRig(): Rig {
  const store = createMemoryAuditStore();
  const now = { ms: 1_000 };
  let drawn = 1;
  const random = (): number => {
    drawn = (drawn * 48_271) % 2_147_483_647;
    return drawn / 2_147_483_647;
  };
  const another = (other: AuditStore = store): AuditLog =>
    createAuditLog({ store: other, clock: () => now.ms, pause, random });
  const log = another();
  return {
    store,
    now,
    log,
    another,
    async act(target = 'gpt-5') {
      now.ms += 10;
      const begun = await log.begin({ ...FACTS, target });
      await log.end(begun, { ...DONE, target });
    },
    verify: (limit) => verifyAll(store, limit),
  };
}

/** As many turns as milliseconds, so that rivals do not meet in step. */
async function pause(ms: number): Promise<void> {
  for (let turn = 0; turn < ms; turn += 1) await Promise.resolve();
}

/** Page after page, to the end or to the first break. */
export async function verifyAll(store: AuditStore, limit = 1_000): Promise<VerifyReport> {
  let report = await verifyAudit(store, { from: null, limit });
  let { checked } = report;
  while (report.next !== null) {
    report = await verifyAudit(store, { from: report.next, limit });
    checked += report.checked;
  }
  return { ...report, checked };
}
