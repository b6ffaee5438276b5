import type { CatalogStore, PublicKey } from '@sluice/core/catalog/store';
import type { Refresher } from '@sluice/core/credentials/refresh/refresh';
import { deriveVaultKeys } from '@sluice/core/credentials/sealing';
import { newestVersion, type VersionedSecret } from '@sluice/core/identity/secret-versions';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { answerIds } from '@sluice/kit/http/answer-ids';
import type { PlainRequest, PlainResponse } from '@sluice/kit/http/exchange';
import { encodeFailure, toGatewayError } from '@sluice/kit/http/path-envelopes';
import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import { runRefresh, vaultAction } from './actions.ts';

export interface VaultPorts {
  catalog: Pick<CatalogStore, 'findPublicKey' | 'publishPublicKey'>;
  readSeed: () => Promise<VersionedSecret>;
  refresher: Refresher;
  /** E.g. `/public-api`. */
  publicApiPrefix: string;
  clock: Clock;
  log: Logger;
  buildId: string;
}

export interface Vault {
  handle(request: PlainRequest): Promise<PlainResponse>;
  /** Direct invocations, which IAM guards (actions.ts). */
  invoke(payload: unknown): Promise<unknown>;
}

/**
 * The holder of the vault seed. It publishes the public half at its first call, so that the admin function can seal
 * what only the vault and the relay can open.
 */
export function createVault(ports: VaultPorts): Vault {
  let publishing: Promise<PublicKey> | null = null;
  const publishOnce = (): Promise<PublicKey> => {
    publishing ??= publishKey(ports).catch((error: unknown) => {
      publishing = null;
      throw error;
    });
    return publishing;
  };
  return {
    async handle(request) {
      const ids = answerIds(request, ports.clock(), ports.buildId);
      const answer = await answerTo(ports, request, publishOnce).catch((thrown: unknown) => {
        const error = toGatewayError(thrown);
        const requestId = ids['x-sluice-request-id'];
        if (error.status >= 500) {
          ports.log.error('vault_failure', { request_id: requestId, code: error.code, internal: error.internal });
        }
        return encodeFailure({ ...request, publicApiPrefix: ports.publicApiPrefix, error, requestId });
      });
      return { ...answer, headers: { ...answer.headers, ...ids } };
    },
    async invoke(payload) {
      const asked = vaultAction.safeParse(payload);
      if (!asked.success) throw new Error(`The vault does not know what is asked: ${asked.error.issues[0]?.message}`);
      if (asked.data.action === 'refresh') return runRefresh(ports, asked.data);
      return { published: true, ...(await publishOnce()) };
    },
  };
}

async function answerTo(
  ports: VaultPorts,
  request: PlainRequest,
  publishOnce: () => Promise<PublicKey>,
): Promise<PlainResponse> {
  if (request.path !== `${ports.publicApiPrefix}/health`) {
    throw new GatewayError('not_found', { message: `There is no ${request.path} here.` });
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    const message = `${request.path} takes GET, HEAD, not ${request.method}.`;
    throw new GatewayError('method_not_allowed', { message, headers: { allow: 'GET, HEAD' } });
  }
  await publishOnce();
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
    body: JSON.stringify({ success: true, msg: 'The vault is up.' }),
  };
}

async function publishKey(ports: VaultPorts): Promise<PublicKey> {
  const { version, value } = newestVersion(await ports.readSeed());
  const { publicKey } = await deriveVaultKeys({ seed: value, version });
  const key: PublicKey = { name: 'vault', version, publicKey };
  const stored = await ports.catalog.findPublicKey(key.name, version);
  if (stored?.publicKey !== publicKey) {
    await ports.catalog.publishPublicKey(key);
    ports.log.info('vault_key_published', { version });
  }
  return key;
}
