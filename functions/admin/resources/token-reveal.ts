import type { RevealOutcome } from '@sluice/core/credentials/vending/reveal';
import { takeOrRefuse } from '@sluice/core/identity/account-throttles';
import type { Throttle } from '@sluice/core/identity/throttle-store';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';

/** Tokens that the vault opens for an administrator's eyes; it decides whether it does. */
export async function revealTokens(
  services: AdminServices,
  { params, caller }: Call<unknown, Record<string, never>, Caller>,
): Promise<Answer> {
  const { user } = caller;
  await takeOrRefuse(services.throttles, revealsTo(user.id), services.clock());
  const key = { upstream: params['upstream'] ?? '', credentialId: params['id'] ?? '' };
  const told = await services.askReveal(key, user.username);
  if (told.outcome === 'revealed') return success(told.tokens);
  throw refusalOf(told.outcome);
}

const revealsTo = (userId: string): Throttle => ({
  name: `reveals to ${userId}`,
  limit: 100,
  windowSeconds: 3_600,
});

function refusalOf(outcome: Exclude<RevealOutcome['outcome'], 'revealed'>): GatewayError {
  if (outcome === 'not-found') return notFound('OAuth credential of this id');
  const message =
    outcome === 'switched-off'
      ? 'Tokens are not shown here: the setting tokenReveal is off.'
      : 'The credential is a user’s, whose tokens are shown to nobody.';
  return new GatewayError('forbidden', { message });
}
