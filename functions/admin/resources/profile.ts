import { MOST_SETTINGS, type changeProfileInput, type userSettingsChange } from '@sluice/contract/profile';
import type { User } from '@sluice/core/identity/store';
import { mergeSettings, withDefaultSettings, type UserSettings } from '@sluice/core/identity/user-settings';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { z } from 'zod';
import { mailContextOf } from '../mail-context.ts';
import { InputRefused } from '../refusal.ts';
import type { Answer, Call, Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { viewUser } from './view-user.ts';

type None = Record<string, never>;

/** Two pages may save at once: each gives what it changes, and neither undoes the other. */
const MOST_TRIES = 5;

export async function showProfile(_services: AdminServices, call: Call<undefined, None, Caller>): Promise<Answer> {
  return answerProfile(call.caller.user, { message: 'Your profile.', pendingEmail: null });
}

export async function changeProfile(
  services: AdminServices,
  call: Call<z.infer<typeof changeProfileInput>, None, Caller>,
): Promise<Answer> {
  const changed = await services.profile.change(call.caller.user, call.body, mailContextOf(call.request));
  const { user, pendingEmail } = changed;
  const message =
    pendingEmail === null
      ? 'Your profile is saved.'
      : 'Your profile is saved. The new e-mail address counts when the link that was sent to it was used.';
  return answerProfile(user, { message, pendingEmail });
}

export async function showUserSettings(services: AdminServices, call: Call<undefined, None, Caller>): Promise<Answer> {
  const stored = await services.userSettings.readUserSettings(call.caller.user.id);
  return answerSettings(withDefaultSettings(stored), 'Your settings.');
}

export async function changeUserSettings(
  services: AdminServices,
  call: Call<z.infer<typeof userSettingsChange>, None, Caller>,
): Promise<Answer> {
  const { id } = call.caller.user;
  const { notifications = {}, security = {}, preferences = {} } = call.body;
  for (let time = 0; time < MOST_TRIES; time += 1) {
    const before = await services.userSettings.readUserSettings(id);
    const after = mergeSettings(withDefaultSettings(before), { notifications, security, preferences });
    assertSmall(after);
    if (await services.userSettings.putUserSettings(id, { before, after })) {
      return answerSettings(after, 'Your settings are saved.');
    }
  }
  throw new GatewayError('conflict', { message: 'Your settings are being changed elsewhere. Please try again.' });
}

/** One change is small by its schema; many of them are so by this. */
function assertSmall(settings: UserSettings): void {
  const full = Object.entries(settings).find(([, section]) => Object.keys(section).length > MOST_SETTINGS);
  if (full) {
    throw new InputRefused([{ path: full[0], message: `At most ${MOST_SETTINGS} fields` }]);
  }
}

function answerProfile(user: User, facts: { message: string; pendingEmail: string | null }): Answer {
  const profile = { ...viewUser(user), pending_email: facts.pendingEmail };
  return {
    json: { success: true, message: facts.message, ...profile, data: profile, user: profile, profile },
  };
}

function answerSettings(settings: UserSettings, message: string): Answer {
  return { json: { success: true, message, ...settings, data: settings, settings } };
}
