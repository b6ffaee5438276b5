import { z } from 'zod';
import { pageQuery } from './envelopes.ts';
import { chosenUsername, emailAddress } from './registration.ts';
import { newPassword } from './session.ts';
import { userLimits } from './settings.ts';
import { userView } from './users.ts';

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const role = z.enum(['user', 'admin', 'super_admin']);
const trustLevel = z.int().min(0).max(1000);

export const userListQuery = z.object({
  ...pageQuery,
  search: z.string().max(254).optional().meta({ description: 'The beginning of a user name or an e-mail address.' }),
  role: role.optional(),
  is_active: flag.optional(),
  is_silenced: flag.optional(),
  is_verified: flag.optional(),
});

/** As administrators see users. */
export const administeredUser = userView.extend({ limits: userLimits.nullable() });
export const userPage = z.object({ users: z.array(administeredUser), next_cursor: z.string().nullable() });

export const createUserInput = z
  .strictObject({
    username: chosenUsername,
    email: emailAddress.nullable().optional(),
    password: newPassword.optional().meta({ description: 'Without one an invitation is mailed.' }),
    role: role.optional(),
    is_active: z.boolean().optional(),
    is_silenced: z.boolean().optional(),
    is_verified: z.boolean().optional().meta({ description: 'Default: true with a password, false with a mail.' }),
    trust_level: trustLevel.optional(),
    must_change_password: z.boolean().optional(),
    limits: userLimits.optional(),
  })
  .refine(({ password, email }) => password !== undefined || typeof email === 'string', {
    path: ['password'],
    message: 'A password, or an e-mail address that an invitation is sent to, is required',
  });

export const changeUserInput = z
  .strictObject({
    username: chosenUsername,
    email: emailAddress.nullable(),
    role,
    is_active: z.boolean(),
    is_silenced: z.boolean(),
    is_verified: z.boolean(),
    trust_level: trustLevel,
    must_change_password: z.boolean(),
    limits: userLimits,
  })
  .partial();

const mailOutcome = z.enum(['sent', 'failed', 'off']).meta({ description: 'off: this deployment sends no mail.' });
export const createdUser = administeredUser.extend({ invitation: mailOutcome.nullable() });

export const resetUserPasswordInput = z
  .strictObject({
    method: z.enum(['mail', 'temporary']).optional().meta({ description: 'Default: mail, without a password.' }),
    password: newPassword.optional().meta({ description: 'Temporary; made when absent.' }),
  })
  .refine(({ method, password }) => method !== 'mail' || password === undefined, {
    path: ['password'],
    message: 'A mailed link takes no password',
  })
  .optional();
export const resetUserPasswordAnswer = z.object({
  success: z.literal(true),
  message: z.string(),
  mail: mailOutcome.nullable(),
  temporary_password: z.string().nullable().meta({ description: 'Shown this once.' }),
});
