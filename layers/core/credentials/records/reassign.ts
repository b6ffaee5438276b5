import { mapLimited } from '@sluice/kit/async/map-limited';
import type { Clock } from '@sluice/kit/time/clock';
import type { Credential } from '../store.ts';
import { reassignmentOf, type CredentialLists } from './lists.ts';
import type { CredentialRecords } from './store.ts';

export interface ReassignDeps {
  records: Pick<CredentialRecords, 'list' | 'reassign' | 'findMany'>;
  lists: Pick<CredentialLists, 'listProxies' | 'readClientIds'>;
  clock: Clock;
  /** In [0, 1). */
  random(): number;
  /** False when no time is left for another page. */
  mayGoOn(): boolean;
}

/** Which lists were changed. */
export interface ReassignTask {
  proxies: boolean;
  /** Upstreams. */
  clientIdsOf: readonly string[];
  /** Where to go on; null: from the start. */
  cursor: string | null;
}

export interface ReassignReport {
  lookedAt: number;
  changed: number;
  /** What is left to be done; null: nothing. */
  next: ReassignTask | null;
}

const PAGE = 100;
const AT_ONCE = 16;
const MOST_ROUNDS = 3;

/**
 * Brings OAuth credentials to lists that were changed, page by page; it may be broken off and done again at any place,
 * since whoever has a member keeps it.
 */
export async function reassignAll(deps: ReassignDeps, task: ReassignTask): Promise<ReassignReport> {
  const report: ReassignReport = { lookedAt: 0, changed: 0, next: null };
  const proxies = task.proxies ? await deps.lists.listProxies() : null;
  const clientIds = new Map<string, string[]>();
  for (const upstream of task.clientIdsOf) clientIds.set(upstream, await deps.lists.readClientIds(upstream));
  const [only] = task.clientIdsOf;
  const facets = !task.proxies && task.clientIdsOf.length === 1 ? { upstream: only } : { kind: 'oauth' as const };
  let cursor = task.cursor;
  for (;;) {
    if (!deps.mayGoOn()) return { ...report, next: { ...task, cursor } };
    const page = await deps.records.list(facets, { limit: PAGE, cursor });
    const records = page.credentials.filter(({ kind }) => kind === 'oauth');
    report.lookedAt += records.length;
    const changed = await mapLimited(records, AT_ONCE, (record) =>
      reassignOne(deps, record, { proxies, clientIds: clientIds.get(record.upstream) }),
    );
    report.changed += changed.filter(Boolean).length;
    cursor = page.nextCursor;
    if (cursor === null) return report;
  }
}

async function reassignOne(
  { records, random, clock }: ReassignDeps,
  first: Credential,
  lists: Parameters<typeof reassignmentOf>[1],
): Promise<boolean> {
  let record: Credential | undefined = first;
  for (let round = 1; round <= MOST_ROUNDS && record !== undefined; round += 1) {
    const change = reassignmentOf(record, lists, random);
    if (change === null) return false;
    if (await records.reassign(record, change, clock())) return true;
    // Somebody changed it meanwhile: as it stands now.
    [record] = await records.findMany([{ upstream: first.upstream, credentialId: first.id }]);
  }
  return false;
}
