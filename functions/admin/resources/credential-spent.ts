import type { Credential } from '@sluice/core/credentials/store';
import { accountOfCredential, remainingOf } from '@sluice/core/sharing/remaining';
import type { AdminServices } from '../services.ts';

/** Until when the credential's own limits leave nothing; null while they leave something. Without limits nothing is read. */
export async function spentOf(
  services: Pick<AdminServices, 'accounts' | 'clock' | 'timeZoneOffsetMinutes'>,
  { id, limits }: Pick<Credential, 'id' | 'limits'>,
): Promise<{ until: number | null } | null> {
  if (Object.keys(limits).length === 0) return null;
  const account = await services.accounts.read(accountOfCredential(id), { consistent: false });
  const { fraction, resetAt } = remainingOf({
    credential: { limits },
    account,
    class: 'chat',
    nowMs: services.clock(),
    offsetMinutes: services.timeZoneOffsetMinutes,
  });
  return fraction > 0 ? null : { until: resetAt };
}
