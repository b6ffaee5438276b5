import type { Refresher } from '@sluice/core/credentials/refresh/refresh';
import type { RefreshResult } from '@sluice/core/credentials/refresh/outcome';
import type { TokenKey } from '@sluice/core/credentials/refresh/tokens';
import type { RevealOutcome } from '@sluice/core/credentials/vending/reveal';
import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import { z } from 'zod';

/*
 * What may be asked of the vault by direct invocation, which IAM guards: admin and relay may.
 *
 *   {"action": "publish-public-key"}
 *   {"action": "refresh", "upstream": …, "credentialId": …, "cause": {"kind": "access-token", "digest": …}}
 *   {"action": "refresh", "upstream": …, "credentialId": …, "cause": {"kind": "manual", "onceMore": false}}
 *   {"action": "refresh-many", "since": …, "keys": [{"upstream": …, "credentialId": …}]}, of up to 100
 *   {"action": "reveal-tokens", "upstream": …, "credentialId": …, "who": <user name>}, while the setting allows it
 *   {"action": "test-credential", "upstream": …, "credentialId": …, "model": {…} or null, "who": <user name>}
 *   {"action": "exchange-code", "upstream": …, "code": …, "verifier": <sealed>, "credential": …}, of a sign-in
 */

const refresh = z.object({
  action: z.literal('refresh'),
  upstream: z.string(),
  credentialId: z.string(),
  cause: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('access-token'), digest: z.string().nullable() }),
    z.object({
      kind: z.literal('manual'),
      /** When it was asked for, epoch milliseconds; now when left out. */
      since: z.number().optional(),
      onceMore: z.boolean().default(false),
    }),
  ]),
});

const refreshSome = z.object({
  action: z.literal('refresh-many'),
  /** When it was asked for, epoch milliseconds. */
  since: z.number(),
  keys: z.array(z.object({ upstream: z.string(), credentialId: z.string() })).max(100),
});

const reveal = z.object({
  action: z.literal('reveal-tokens'),
  upstream: z.string(),
  credentialId: z.string(),
  who: z.string(),
});

const testCredential = z.object({
  action: z.literal('test-credential'),
  upstream: z.string(),
  credentialId: z.string(),
  model: z.object({ name: z.string(), outputCapField: z.enum(['max_tokens', 'max_completion_tokens']) }).nullable(),
  who: z.string(),
});

const sealed = z.object({ keyVersion: z.string(), encapsulatedSecret: z.string(), ciphertext: z.string() });

const exchangeCode = z.object({
  action: z.literal('exchange-code'),
  upstream: z.string(),
  stateDigest: z.string(),
  code: z.string().max(16_384),
  verifier: sealed,
  redirectUri: z.string(),
  credential: z.object({
    id: z.string(),
    upstream: z.string(),
    clientId: z.string().nullable(),
    proxyUrl: z.string().nullable(),
    proxyMember: z.string().nullable(),
    proxyAuth: sealed.nullable(),
  }),
});

export const vaultAction = z.discriminatedUnion('action', [
  z.object({ action: z.literal('publish-public-key') }),
  refresh,
  refreshSome,
  reveal,
  exchangeCode,
  testCredential,
]);

export async function runRefresh(
  { refresher, clock }: { refresher: Refresher; clock: Clock },
  { upstream, credentialId, cause }: z.infer<typeof refresh>,
): Promise<RefreshResult> {
  const complete = cause.kind === 'manual' ? { ...cause, since: cause.since ?? clock() } : cause;
  return refresher.refresh({ upstream, credentialId }, complete);
}

/** Who was shown whose tokens stands in the log of the vault as well as in the audit log. */
export async function runReveal(
  ports: { revealTokens: (key: TokenKey) => Promise<RevealOutcome>; log: Pick<Logger, 'info'> },
  { upstream, credentialId, who }: z.infer<typeof reveal>,
): Promise<RevealOutcome> {
  const told = await ports.revealTokens({ upstream, credentialId });
  ports.log.info('tokens_revealed', { who, upstream, credential_id: credentialId, outcome: told.outcome });
  return told;
}
