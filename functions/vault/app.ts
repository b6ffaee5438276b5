import type { PublicKey } from '@sluice/core/catalog/store';
import type { CodeExchange, CodeOutcome } from '@sluice/core/credentials/authorize/exchange-code';
import type { CredentialTest, TestReport } from '@sluice/core/credentials/check/test-credential';
import type { Refresher } from '@sluice/core/credentials/refresh/refresh';
import type { TokenKey } from '@sluice/core/credentials/refresh/tokens';
import type { RevealOutcome } from '@sluice/core/credentials/vending/reveal';
import { refreshMany } from '@sluice/core/credentials/refresh/refresh-many';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { answerIds } from '@sluice/kit/http/answer-ids';
import type { PlainRequest, PlainResponse } from '@sluice/kit/http/exchange';
import { encodeFailure, toGatewayError } from '@sluice/kit/http/path-envelopes';
import { createRouter, type Router } from '@sluice/kit/http/router';
import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import type { Scheduler } from '@sluice/kit/time/scheduler';
import { runRefresh, runReveal, vaultAction } from './actions.ts';
import type { VaultRow } from './answers.ts';

export interface VaultPorts {
  /** Publishes the public half of the vault's key (key-publisher.ts). */
  publishKey: () => Promise<PublicKey>;
  refresher: Refresher;
  exchangeCode: (asked: CodeExchange) => Promise<CodeOutcome>;
  revealTokens: (key: TokenKey) => Promise<RevealOutcome>;
  testCredential: (asked: CredentialTest) => Promise<TestReport>;
  /** All paths of the function URL. */
  rows: readonly VaultRow[];
  /** E.g. `/public-api`. */
  publicApiPrefix: string;
  clock: Clock;
  scheduler: Scheduler;
  log: Logger;
  buildId: string;
}

export interface Vault {
  handle(request: PlainRequest): Promise<PlainResponse>;
  /** Direct invocations, which IAM guards (actions.ts). */
  invoke(payload: unknown): Promise<unknown>;
}

/**
 * The holder of the vault seed. It publishes the public half when it is first asked to, so that the admin function can
 * seal what only the vault and the relay can open.
 */
export function createVault(ports: VaultPorts): Vault {
  const router = createRouter(ports.rows);
  return {
    async handle(request) {
      const ids = answerIds(request, ports.clock(), ports.buildId);
      const answer = await answerTo(router, request).catch((thrown: unknown) => {
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
      if (asked.data.action === 'refresh-many') return refreshMany(ports, asked.data.keys, asked.data.since);
      if (asked.data.action === 'reveal-tokens') return runReveal(ports, asked.data);
      if (asked.data.action === 'exchange-code') return ports.exchangeCode(asked.data);
      if (asked.data.action === 'test-credential') return ports.testCredential(asked.data);
      return { published: true, ...(await ports.publishKey()) };
    },
  };
}

async function answerTo(router: Router<VaultRow>, request: PlainRequest): Promise<PlainResponse> {
  const { method, path } = request;
  const found = router.match(method, path);
  if (found === null) throw new GatewayError('not_found', { message: `There is no ${path} here.` });
  if ('allowed' in found) {
    const allow = found.allowed.join(', ');
    throw new GatewayError('method_not_allowed', {
      message: `${path} takes ${allow}, not ${method}.`,
      headers: { allow },
    });
  }
  return found.row.run(request);
}
