import { z } from 'zod';
import { chosenUsername, emailAddress } from './registration.ts';
import { userView } from './users.ts';

export const changeProfileInput = z.object({ username: chosenUsername, email: emailAddress }).partial();

const profile = userView.extend({
  pending_email: z.string().nullable().meta({ description: 'Waits until the link that was sent there was used.' }),
});
/** The profile's own fields stand at the top too, where one of the contracts reads them. */
export const profileAnswer = profile.extend({
  success: z.literal(true),
  message: z.string(),
  data: profile,
  user: profile,
  profile,
});

/** Consoles keep what they like; a section is small. */
export const MOST_SETTINGS = 50;
const value = z.union([z.string().max(500), z.number(), z.boolean(), z.null()]);
const fieldName = z.string().regex(/^[A-Za-z][\w.-]{0,63}$/, 'Expected a name of letters, digits, dots and dashes');
const section = z
  .record(fieldName, value)
  .refine((fields) => Object.keys(fields).length <= MOST_SETTINGS, `At most ${MOST_SETTINGS} fields`);

const preferences = section
  .refine(({ language }) => [undefined, null, 'en', 'zh'].includes(language as never), {
    path: ['language'],
    message: 'Expected en, zh or null',
  })
  .refine(({ theme }) => [undefined, null, 'light', 'dark', 'system'].includes(theme as never), {
    path: ['theme'],
    message: 'Expected light, dark or system',
  });

const settings = z.object({ notifications: section, security: section, preferences });
/** What is not named stays. */
export const userSettingsChange = settings.partial();
export const userSettingsAnswer = settings.extend({
  success: z.literal(true),
  message: z.string(),
  data: settings,
  settings,
});
