import type { changePasswordInput, sessionView } from '@sluice/contract/session';
import { assertPassword } from '@sluice/core/identity/password-rules';
import type { Session } from '@sluice/core/identity/session-store';
import { endOf } from '@sluice/core/identity/sessions';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { z } from 'zod';
import { clearedCookies } from '../authenticate.ts';
import { notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';

type OwnCall<Body = undefined> = Call<Body, Record<string, never>, Caller>;

export async function listSessions(services: AdminServices, { caller }: OwnCall): Promise<Answer> {
  const sessions = await services.sessions.list(caller.user);
  return success(sessions.map((session) => viewSession(session, caller)));
}

/** @throws GatewayError `not_found`, also for another user's session */
export async function endSession(services: AdminServices, { caller, params, request }: OwnCall): Promise<Answer> {
  const id = params['id'] ?? '';
  if (!(await services.sessions.find(id, caller.user.id))) throw notFound(`session ${id} of yours`);
  await services.sessions.end(id);
  return confirm('Session ended.', id === caller.sessionId ? { 'set-cookie': clearedCookies(request) } : {});
}

export async function logOutEverywhere(services: AdminServices, { caller, request }: OwnCall): Promise<Answer> {
  await services.sessions.endAll(caller.user.id);
  return confirm('Signed out everywhere.', { 'set-cookie': clearedCookies(request) });
}

const GUESSES = { limit: 10, windowSeconds: 15 * 60 };

/** @throws GatewayError 400 naming the field, 429 */
export async function changePassword(
  services: AdminServices,
  { caller, body }: OwnCall<z.infer<typeof changePasswordInput>>,
): Promise<Answer> {
  const { user, sessionId } = caller;
  // Whoever got hold of a session may not guess the password with it.
  const throttle = { ...GUESSES, name: `change-password ${user.id}`, now: services.clock() };
  const { allowed, retryAfterSeconds } = await services.throttles.take(throttle);
  if (!allowed) {
    throw new GatewayError('rate_limit_exceeded', {
      message: 'Too many attempts to change the password. Please try again later.',
      retryAfterSeconds,
    });
  }
  if (!(await services.users.hasPassword(user, body.current_password))) {
    throw new GatewayError('invalid_field', {
      message: 'current_password: this is not your password.',
      param: 'current_password',
    });
  }
  await services.throttles.clear(throttle);
  if (body.new_password === body.current_password) {
    throw new GatewayError('invalid_field', {
      message: 'new_password: this is the password that you have.',
      param: 'new_password',
    });
  }
  const { minPasswordLength } = await services.catalog.readSettings();
  assertPassword(body.new_password, { minPasswordLength, user, param: 'new_password' });
  const passwordHash = await services.users.hashPassword(body.new_password);
  await services.sessions.endAll(user.id, { keep: sessionId, change: { passwordHash, mustChangePassword: false } });
  return confirm('Password changed. All other sessions have ended.');
}

function confirm(message: string, headers: Record<string, string | string[]> = {}): Answer {
  return { headers, json: { success: true, message } };
}

function viewSession(session: Session, caller: Caller): z.infer<typeof sessionView> {
  const kinds = [...(session.cookie ? ['cookie' as const] : []), ...(session.refresh ? ['tokens' as const] : [])];
  return {
    id: session.id,
    current: session.id === caller.sessionId,
    kinds,
    created_at: new Date(session.createdAt).toISOString(),
    last_used_at: new Date(session.lastUsedAt).toISOString(),
    expires_at: new Date(endOf(session)).toISOString(),
    user_agent: session.userAgent,
    address: session.address,
  };
}
