import type { CatalogStore } from '@sluice/core/catalog/store';
import type { SendCheck } from '@sluice/core/credentials/check/ask-upstream';
import { createTimedCache } from '@sluice/kit/cache/timed-cache';
import { sendOnce } from '@sluice/kit/http/send-once';

const CONNECT_TIMEOUT_MS = 5_000;
/** A greeting to a model that thinks. */
const ANSWER_TIMEOUT_MS = 25_000;
const CACHE_LIFE_MS = 10_000;

/** Sends the question by which a credential is tested, to addresses that the operator allows. */
export function createCheckSender(catalog: Pick<CatalogStore, 'readSettings'>): SendCheck {
  const networks = createTimedCache<string[]>({ lifeMs: CACHE_LIFE_MS, max: 1 });
  return async (call) => {
    const allowedNetworks = await networks.get(
      'settings',
      async () => (await catalog.readSettings()).allowedUpstreamNetworks,
    );
    return sendOnce({ ...call, connectTimeoutMs: CONNECT_TIMEOUT_MS, timeoutMs: ANSWER_TIMEOUT_MS, allowedNetworks });
  };
}
