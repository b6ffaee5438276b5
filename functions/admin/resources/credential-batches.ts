import type { CredentialBatch, credentialBatchReport } from '@sluice/contract/credential-records';
import type { Credential } from '@sluice/core/credentials/store';
import { settle } from '@sluice/core/sharing/sharing';
import { ownedName } from '@sluice/core/sharing/who-may-use';
import { mapLimited } from '@sluice/kit/async/map-limited';
import { isGatewayError } from '@sluice/kit/errors/gateway-error';
import type { z } from 'zod';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { logSwitch } from './apply-entry.ts';
import { removeCredential } from './credentials.ts';

type None = Record<string, never>;
type Place = CredentialBatch['items'][number];
type PlaceResult = z.infer<typeof credentialBatchReport>['data']['results'][number];
type BatchCall = Call<CredentialBatch, None, Caller>;

const AT_ONCE = 8;
const MOST_MS = 45_000;

/** The same for many; each is told what became of it, and one that fails keeps none of the others. */
export function deleteCredentials(services: AdminServices, call: BatchCall): Promise<Answer> {
  const who = call.caller.user.username;
  return forEach(services, call, async (credential) => {
    const isGone = await removeCredential(services, credential, who);
    return isGone ? done('It is deleted.') : refused('There is none any more.');
  });
}

export function enableCredentials(services: AdminServices, call: BatchCall): Promise<Answer> {
  return forEach(services, call, (credential) => turn(services, credential, true, call.caller.user.username));
}

export function disableCredentials(services: AdminServices, call: BatchCall): Promise<Answer> {
  return forEach(services, call, (credential) => turn(services, credential, false, call.caller.user.username));
}

type Outcome = Pick<PlaceResult, 'success' | 'message'>;

const done = (message: string): Outcome => ({ success: true, message });
const refused = (message: string): Outcome => ({ success: false, message });

async function turn(services: AdminServices, credential: Credential, enabled: boolean, who: string): Promise<Outcome> {
  const word = enabled ? 'enabled' : 'disabled';
  if (credential.enabled === enabled) return done(`It is ${word} already.`);
  const { upstream, id } = credential;
  const place = { upstream, credentialId: id };
  await services.vault.putCredential({ ...credential, enabled, updatedAt: services.clock() });
  const [from, to] = enabled ? (['disabled', 'active'] as const) : (['active', 'disabled'] as const);
  await logSwitch(services, place, { who, from, to });
  // What an operator does to a user's credential moves the user's quota at once.
  if (isOwned(credential)) await settle(services, place);
  return done(`It is ${word}.`);
}

function isOwned({ id, name }: Credential): boolean {
  return name === ownedName(id);
}

async function forEach(
  services: AdminServices,
  { body }: BatchCall,
  run: (credential: Credential) => Promise<Outcome>,
): Promise<Answer> {
  const endsAt = services.clock() + MOST_MS;
  const runOne = async ({ upstream, id }: Place): Promise<PlaceResult> => {
    if (services.clock() > endsAt) {
      return { upstream, id, name: null, ...refused('There was no time for it; send it again.') };
    }
    const credential = await services.vault.findCredential(upstream, id);
    if (credential === null) return { upstream, id, name: null, ...refused('There is no credential of this id.') };
    const outcome = await run(credential).catch((error: unknown) => {
      if (!isGatewayError(error)) throw error;
      return refused(error.message);
    });
    return { upstream, id, name: credential.name, ...outcome };
  };
  const places = withoutRepeats(body.items);
  const results = await mapLimited(places, AT_ONCE, runOne);
  const successes = results.filter((result) => result.success).length;
  return success({
    total_count: body.items.length,
    success_count: successes,
    fail_count: results.length - successes,
    results,
  });
}

function withoutRepeats(places: readonly Place[]): Place[] {
  return [...new Map(places.map((place) => [`${place.upstream}\n${place.id}`, place])).values()];
}
