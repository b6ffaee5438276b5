import type { AuditLog } from '@sluice/core/audit/audit-log';
import type { CatalogStore } from '@sluice/core/catalog/store';
import { toGatewayError } from '@sluice/kit/http/path-envelopes';
import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';

const EVERY_MS = 60 * 60_000;
const DAY_MS = 86_400_000;

interface RetentionDeps {
  audit: AuditLog;
  catalog: Pick<CatalogStore, 'readSettings'>;
  clock: Clock;
  log: Logger;
}

/** Lets go of old entries, at most once an hour in each process. Nobody's call fails for it. */
export function createAuditRetention({ audit, catalog, clock, log }: RetentionDeps): () => Promise<void> {
  let nextAt = 0;
  return async () => {
    if (clock() < nextAt) return;
    nextAt = clock() + EVERY_MS;
    try {
      const { auditDays } = await catalog.readSettings();
      const gone = await audit.prune(clock() - auditDays * DAY_MS);
      if (gone > 0) log.info('audit_pruned', { entries: gone });
    } catch (thrown) {
      const { internal, message } = toGatewayError(thrown);
      log.warn('audit_not_pruned', { internal: internal ?? message });
    }
  };
}
