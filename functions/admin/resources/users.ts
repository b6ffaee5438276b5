import type {
  administeredUser,
  changeUserInput,
  createUserInput,
  resetUserPasswordInput,
  userListQuery,
} from '@sluice/contract/user-administration';
import { listUsers as findUsers } from '@sluice/core/identity/list-users';
import type { User } from '@sluice/core/identity/store';
import type { z } from 'zod';
import { mailContextOf } from '../mail-context.ts';
import { notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { clearConversationsOf } from './conversations.ts';
import { clearMediaOf } from './media.ts';
import { viewUser } from './view-user.ts';

type None = Record<string, never>;

export async function listUsers(
  services: AdminServices,
  call: Call<undefined, z.infer<typeof userListQuery>, Caller>,
): Promise<Answer> {
  const { limit, cursor = null, search = '', ...flags } = call.query;
  const filter = {
    search,
    role: flags.role,
    enabled: flags.is_active,
    silenced: flags.is_silenced,
    emailVerified: flags.is_verified,
  };
  const page = await findUsers(services.accountStore, filter, { limit, cursor });
  return success({ users: page.items.map(viewAdministered), next_cursor: page.nextCursor });
}

export async function showUser(services: AdminServices, call: Call<undefined, None, Caller>): Promise<Answer> {
  const user = await services.identity.findUserById(idOf(call));
  if (!user) throw notFound('user of this id');
  return success(viewAdministered(user));
}

/** With a password the user may sign in at once; without one an invitation is mailed. */
export async function createUser(
  services: AdminServices,
  call: Call<z.infer<typeof createUserInput>, None, Caller>,
): Promise<Answer> {
  const { body, caller, request } = call;
  const isInvited = body.password === undefined;
  const user = await services.userAdministration.create(
    {
      ...standingOf(body),
      username: body.username,
      password: body.password,
      emailVerified: body.is_verified ?? !isInvited,
    },
    caller.user,
  );
  const invitation = isInvited ? await services.userAdministration.invite(user, mailContextOf(request)) : null;
  return { ...success({ ...viewAdministered(user), invitation }), status: 201 };
}

export async function changeUser(
  services: AdminServices,
  call: Call<z.infer<typeof changeUserInput>, None, Caller>,
): Promise<Answer> {
  const by = { actor: call.caller.user, mail: mailContextOf(call.request) };
  const { before, after } = await services.userAdministration.change(idOf(call), standingOf(call.body), by);
  call.audit.before = viewAdministered(before);
  call.audit.after = viewAdministered(after);
  return success(viewAdministered(after));
}

export async function deleteUser(services: AdminServices, call: Call<undefined, None, Caller>): Promise<Answer> {
  const removed = await services.userAdministration.remove(idOf(call), call.caller.user);
  call.audit.before = viewAdministered(removed);
  await Promise.all([clearMediaOf(services, removed.id), clearConversationsOf(services, removed.id)]);
  return { json: { success: true, message: 'The user is deleted; the keys are disabled. The usage stays.' } };
}

export async function resetUserPassword(
  services: AdminServices,
  call: Call<z.infer<typeof resetUserPasswordInput>, None, Caller>,
): Promise<Answer> {
  const { password, method = password === undefined ? 'mail' : 'temporary' } = call.body ?? {};
  const actor = call.caller.user;
  if (method === 'mail') {
    const mail = await services.userAdministration.mailReset(idOf(call), { actor, mail: mailContextOf(call.request) });
    const message = mail === 'sent' ? 'The link was sent.' : 'The link could not be sent; set a password instead.';
    return { json: { success: true, message, mail, temporary_password: null } };
  }
  const temporary = await services.userAdministration.setTemporaryPassword(idOf(call), password, actor);
  return {
    json: {
      success: true,
      message: 'The password is set until the user changes it; all sessions have ended.',
      mail: null,
      temporary_password: password === undefined ? temporary : null,
    },
  };
}

function idOf({ params }: { params: Record<string, string> }): string {
  return params['id'] ?? '';
}

function standingOf(body: z.infer<typeof changeUserInput>) {
  return {
    username: body.username,
    email: body.email,
    role: body.role,
    enabled: body.is_active,
    silenced: body.is_silenced,
    emailVerified: body.is_verified,
    trustLevel: body.trust_level,
    mustChangePassword: body.must_change_password,
    limits: body.limits,
  };
}

function viewAdministered(user: User): z.infer<typeof administeredUser> {
  return { ...viewUser(user), limits: user.limits ?? null };
}
