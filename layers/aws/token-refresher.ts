import { deriveVaultKeys, createOpener, createSealer } from '@sluice/core/credentials/sealing';
import type { Opener, Sealer } from '@sluice/core/credentials/sealing-port';
import { exchangeCode, type CodeExchange, type CodeOutcome } from '@sluice/core/credentials/authorize/exchange-code';
import type { SendGrant } from '@sluice/core/credentials/refresh/exchange';
import { createRefresher, type Refresher } from '@sluice/core/credentials/refresh/refresh';
import { EXCHANGE_TIMEOUT_MS } from '@sluice/core/credentials/refresh/machine';
import type { TokenStore } from '@sluice/core/credentials/refresh/tokens';
import type { CatalogStore } from '@sluice/core/catalog/store';
import type { PoolStateStore } from '@sluice/core/credentials/pool-state';
import type { VaultStore } from '@sluice/core/credentials/store';
import { newestVersion, type VersionedSecret } from '@sluice/core/identity/secret-versions';
import { createTimedCache } from '@sluice/kit/cache/timed-cache';
import { sendOnce } from '@sluice/kit/http/send-once';
import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import type { Scheduler } from '@sluice/kit/time/scheduler';

const CONNECT_TIMEOUT_MS = 5_000;
const CACHE_LIFE_MS = 10_000;

/** Opens under any version of the vault seed, seals under the newest. */
export interface SeedKeys {
  opener: Opener;
  sealer(): Promise<Sealer>;
  /** E.g. `v2`. */
  newestVersion(): Promise<string>;
}

export function createSeedKeys(readSeed: () => Promise<VersionedSecret>): SeedKeys {
  const sealers = createTimedCache<Sealer>({ lifeMs: 3_600_000, max: 4 });
  const openers = createTimedCache<Opener>({ lifeMs: 3_600_000, max: 4 });
  const newest = async (): Promise<{ version: string; value: string }> => newestVersion(await readSeed());
  return {
    newestVersion: async () => (await newest()).version,
    opener: {
      async open(sealed, associatedData) {
        const seeds = await readSeed();
        const opener = await openers.get(Object.keys(seeds).join(), async () => createOpener({ seeds }));
        return opener.open(sealed, associatedData);
      },
    },
    async sealer() {
      const { version, value } = await newest();
      return sealers.get(version, async () => createSealer(await deriveVaultKeys({ seed: value, version })));
    },
  };
}

/** What exchanges refresh tokens, over the real network. For functions that hold the vault seed. */
export function createTokenRefresher(parts: {
  keys: SeedKeys;
  tokens: TokenStore;
  vault: Pick<VaultStore, 'findUpstream' | 'findCredential'>;
  catalog: Pick<CatalogStore, 'readSettings'>;
  changes: Pick<PoolStateStore, 'appendChange'>;
  clock: Clock;
  scheduler: Scheduler;
  logger: Pick<Logger, 'info' | 'error'>;
  owner: string;
}): Refresher {
  const { keys, catalog, ...rest } = parts;
  return createRefresher({ ...rest, opener: keys.opener, sealer: keys.sealer, send: createGrantSender(catalog) });
}

/** What exchanges the codes of sign-ins, in the same way. */
export function createCodeExchanger(parts: {
  keys: SeedKeys;
  vault: Pick<VaultStore, 'findUpstream'>;
  catalog: Pick<CatalogStore, 'readSettings'>;
  clock: Clock;
}): (asked: CodeExchange) => Promise<CodeOutcome> {
  const { keys, vault, catalog, clock } = parts;
  const send = createGrantSender(catalog);
  return async (asked) => {
    const [upstream, sealer] = await Promise.all([vault.findUpstream(asked.upstream), keys.sealer()]);
    if (!upstream?.oauth) return { outcome: 'failed', text: `The upstream ${asked.upstream} has no token endpoint.` };
    return exchangeCode({ opener: keys.opener, sealer, send, clock }, upstream.oauth, asked);
  };
}

function createGrantSender(catalog: Pick<CatalogStore, 'readSettings'>): SendGrant {
  const networks = createTimedCache<string[]>({ lifeMs: CACHE_LIFE_MS, max: 1 });
  return async (call) => {
    const allowedNetworks = await networks
      .get('settings', async () => (await catalog.readSettings()).allowedUpstreamNetworks)
      // Nothing was sent yet, and whoever asks has to know.
      .catch((cause: unknown) => Promise.reject(Object.assign(new Error('No settings', { cause }), { sent: false })));
    const limits = { connectTimeoutMs: CONNECT_TIMEOUT_MS, timeoutMs: EXCHANGE_TIMEOUT_MS };
    return sendOnce({ ...call, ...limits, allowedNetworks });
  };
}
