import type {
  checkUsernameQuery,
  forgotPasswordInput,
  registerInput,
  resetPasswordInput,
  tokenInput,
} from '@sluice/contract/registration';
import { nameChecksFrom, takeOrRefuse } from '@sluice/core/identity/account-throttles';
import { isReservedName, usernameProblem } from '@sluice/core/identity/user-names';
import type { z } from 'zod';
import { noteUser } from '../audit-rule.ts';
import { mailContextOf } from '../mail-context.ts';
import type { Answer, Call, Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { viewUser } from './view-user.ts';

type None = Record<string, never>;
type PublicCall<Schema extends z.ZodType> = Call<z.infer<Schema>, None, null>;

/** Whatever is asked and whoever is meant. */
const RESET_ASKED = 'If an account uses this e-mail address, a link to choose a new password is on its way.';

export async function register(services: AdminServices, call: PublicCall<typeof registerInput>): Promise<Answer> {
  const visitor = { address: call.request.clientAddress, mail: mailContextOf(call.request) };
  const user = await services.registration.register(call.body, visitor);
  const message = user.emailVerified
    ? 'Your account is ready. You can sign in now.'
    : 'Your account was made. Please confirm your e-mail address with the link that was sent to it.';
  return {
    status: 201,
    json: { success: true, message, userId: user.id, user_id: user.id, user: viewUser(user) },
  };
}

export async function verifyEmail(services: AdminServices, call: PublicCall<typeof tokenInput>): Promise<Answer> {
  const user = await services.registration.verifyEmail(call.body.token, mailContextOf(call.request));
  noteUser(call.audit, user, 'link');
  return { json: { success: true, message: 'Your e-mail address is confirmed.', user: viewUser(user) } };
}

export async function resendVerification(services: AdminServices, call: Call<unknown, None, Caller>): Promise<Answer> {
  const outcome = await services.registration.resendVerification(call.caller.user, mailContextOf(call.request));
  const message = {
    sent: 'A new link was sent to your e-mail address.',
    failed: 'The mail could not be sent. Please try again later.',
    off: 'This gateway sends no mail. Please ask an administrator to confirm your address.',
    verified: 'Your e-mail address is confirmed already.',
  }[outcome];
  return { json: { success: true, message } };
}

export async function forgotPassword(
  services: AdminServices,
  call: PublicCall<typeof forgotPasswordInput>,
): Promise<Answer> {
  const visitor = { address: call.request.clientAddress, mail: mailContextOf(call.request) };
  await services.passwordReset.forgotPassword(call.body.email, visitor);
  return { json: { success: true, message: RESET_ASKED } };
}

export async function checkResetToken(services: AdminServices, call: PublicCall<typeof tokenInput>): Promise<Answer> {
  const user = await services.passwordReset.checkToken(call.body.token);
  return { json: { success: true, message: 'The link is valid.', email: user.email ?? '' } };
}

export async function resetPassword(
  services: AdminServices,
  call: PublicCall<typeof resetPasswordInput>,
): Promise<Answer> {
  const user = await services.passwordReset.resetPassword(call.body.token, call.body.password);
  noteUser(call.audit, user, 'link');
  return { json: { success: true, message: 'Your password was changed. Please sign in with it.' } };
}

/** Tells by design whether a name is taken, and so only a few times a minute. */
export async function checkUsername(
  services: AdminServices,
  call: Call<undefined, z.infer<typeof checkUsernameQuery>, null>,
): Promise<Answer> {
  const { username } = call.query;
  await takeOrRefuse(services.throttles, nameChecksFrom(call.request.clientAddress), services.clock());
  const problem = usernameProblem(username);
  const { username: bootstrapName } = await services.secrets.bootstrapAdmin();
  const exists =
    isReservedName(username, bootstrapName) || (await services.identity.findUserByLogin(username)) !== null;
  const message = exists ? 'This user name is taken.' : problem === null ? 'This user name is free.' : `${problem}.`;
  return { json: { success: true, exists, message, username } };
}
