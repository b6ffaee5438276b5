import type { CatalogStore, PublicKey } from '@sluice/core/catalog/store';
import { deriveVaultKeys } from '@sluice/core/credentials/sealing';
import { newestVersion, type VersionedSecret } from '@sluice/core/identity/secret-versions';
import type { Logger } from '@sluice/kit/log/logger';

interface PublisherPorts {
  catalog: Pick<CatalogStore, 'findPublicKey' | 'publishPublicKey'>;
  readSeed: () => Promise<VersionedSecret>;
  log: Pick<Logger, 'info'>;
}

/** Publishes the public half of the vault's newest key, once a process; tries again where that failed. */
export function createKeyPublisher(ports: PublisherPorts): () => Promise<PublicKey> {
  let publishing: Promise<PublicKey> | null = null;
  return () => {
    publishing ??= publishKey(ports).catch((error: unknown) => {
      publishing = null;
      throw error;
    });
    return publishing;
  };
}

async function publishKey({ catalog, readSeed, log }: PublisherPorts): Promise<PublicKey> {
  const { version, value } = newestVersion(await readSeed());
  const { publicKey } = await deriveVaultKeys({ seed: value, version });
  const key: PublicKey = { name: 'vault', version, publicKey };
  const stored = await catalog.findPublicKey(key.name, version);
  if (stored?.publicKey !== publicKey) {
    await catalog.publishPublicKey(key);
    log.info('vault_key_published', { version });
  }
  return key;
}
