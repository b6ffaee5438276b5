import type { DirtyMark, RollUpState, RollUpStore, StoredRollUp } from '../../layers/core/metering/roll-up-store.ts';
import { rollUpOf, type RollUp, type RollUpRow } from '../../layers/core/metering/roll-up.ts';
import { TIME_SLICE_MS, type UsageEvent } from '../../layers/core/metering/store.ts';
import { timeOfRequestId, timePrefixOfRequestIds } from '../../layers/kit/ids/request-id.ts';

export interface MemoryRollUpStore extends RollUpStore {
  state: RollUpState | null;
  stored: Map<string, StoredRollUp>;
  rows: Map<string, { revision: number; startMs: number; grain: string; row: RollUpRow }>;
  dirty: Set<string>;
}

/** Roll-ups in memory over the events of a memory usage store; events may carry their expiry in `expiresAt`. */
export function createMemoryRollUpStore(events: Map<string, UsageEvent> = new Map()): MemoryRollUpStore {
  const store: MemoryRollUpStore = {
    state: null,
    stored: new Map(),
    rows: new Map(),
    dirty: new Set(),
    readState: async () => (store.state === null ? null : { ...store.state }),
    async writeState(state, seen) {
      if ((store.state?.revision ?? 0) !== seen) return false;
      store.state = { ...state, revision: seen + 1 };
      return true;
    },
    async *readSliceEvents(sliceMs) {
      // As the table does it: a page is read when it is asked for.
      for (const parity of [0, 1]) {
        const page = [...events.values()].filter(
          (event, index) => sliceOf(event.requestId) === sliceMs && index % 2 === parity,
        );
        yield page.map((event) => ({ event: structuredClone(event), expiresAt: event.expiresAt ?? null }));
      }
    },
    async *walkSliceDown(sliceMs, { toMs }) {
      yield* [...events.values()]
        .filter((event) => event.phase === 'closed' && sliceOf(event.requestId) === sliceMs)
        .filter((event) => event.requestId < timePrefixOfRequestIds(toMs))
        .toSorted((left, right) => (left.requestId < right.requestId ? 1 : -1));
    },
    read: async (grain, startMs) => {
      const found = store.stored.get(`${grain} ${startMs}`);
      return found ? { ...found, rollUp: copyOf(found.rollUp) } : null;
    },
    async overwrite(grain, startMs, { rollUp, eventsUntil, isClosed }, seen) {
      const name = `${grain} ${startMs}`;
      if ((store.stored.get(name)?.revision ?? 0) !== seen) return null;
      const revision = seen + 1;
      store.stored.set(name, { revision, rollUp: copyOf(rollUp), eventsUntil, isClosed, rowsRevision: 0 });
      return revision;
    },
    async writeRows(grain, startMs, rows, revision) {
      for (const row of rows) {
        const name = [grain, startMs, row.dimension, row.member, row.model].join(' ');
        const known = store.rows.get(name);
        if (!known || known.revision <= revision) {
          store.rows.set(name, { revision, startMs, grain, row: structuredClone(row) });
        }
        // Other jobs run between two rows.
        await Promise.resolve();
      }
    },
    async confirmRows(grain, startMs, revision) {
      const stored = store.stored.get(`${grain} ${startMs}`);
      if (stored?.revision === revision) stored.rowsRevision = revision;
    },
    readRows: async (dimension, member, grain, { from, to }) =>
      [...store.rows.values()]
        .filter((one) => one.grain === grain && one.startMs >= from && one.startMs < to)
        .filter(({ row }) => row.dimension === dimension && row.member === member)
        .toSorted((left, right) => left.startMs - right.startMs)
        .map(({ startMs, row }) => ({ startMs, row: structuredClone(row) })),
    listDirty: async (limit) => [...store.dirty].toSorted().slice(0, limit).map(markOf),
    isDirty: async (sliceMs) => [...store.dirty].some((requestId) => sliceOf(requestId) === sliceMs),
    removeDirty: async ({ requestId }) => void store.dirty.delete(requestId),
  };
  return store;
}

function sliceOf(requestId: string): number {
  return Math.floor((timeOfRequestId(requestId) ?? 0) / TIME_SLICE_MS) * TIME_SLICE_MS;
}

function markOf(requestId: string): DirtyMark {
  return { requestId, sliceMs: sliceOf(requestId) };
}

function copyOf(rollUp: RollUp): RollUp {
  return rollUpOf(structuredClone([...rollUp.values()]));
}
