import { z } from 'zod';
import { userView } from './users.ts';

const password = z.string().min(1).max(1024).meta({ writeOnly: true });

/** Three contracts log in on one path: by user name or by e-mail address. */
export const loginInput = z
  .object({
    username: z.string().max(320).nullish(),
    email: z.string().max(320).nullish(),
    password,
  })
  .refine(({ username, email }) => Boolean(username) || Boolean(email), {
    path: ['username'],
    message: 'A user name or an e-mail address is required',
  });

/** `token` is `access_token` under the name that one of the contracts reads. */
const tokenPair = z.object({
  success: z.literal(true),
  message: z.string(),
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal('bearer'),
  expires_in: z.int().meta({ description: 'Seconds that the access token lives.' }),
  token: z.string(),
});
export const loginAnswer = tokenPair.extend({ user: userView });

const refreshToken = z.string().min(1).max(2048).meta({ writeOnly: true });
export const refreshInput = z.object({ refresh_token: refreshToken });
export const refreshAnswer = tokenPair;
export const logoutInput = z.object({ refresh_token: z.union([z.literal(''), refreshToken]).nullish() }).optional();

export const sessionView = z.object({
  id: z.string(),
  current: z.boolean().meta({ description: 'Whether this very call belongs to it.' }),
  kinds: z.array(z.enum(['cookie', 'tokens'])).meta({ description: 'What the client was given.' }),
  created_at: z.iso.datetime(),
  last_used_at: z.iso.datetime().meta({ description: 'To the minute for cookies; of tokens the last refresh.' }),
  expires_at: z.iso.datetime().meta({ description: 'When it ends unless it is used.' }),
  user_agent: z.string(),
  address: z.string(),
});

/** Contracts differ between 6 and 8 characters; a longer text than this is no password but an attack on scrypt. */
export const newPassword = z.string().min(6).max(1024).meta({ writeOnly: true });
export const changePasswordInput = z.object({ current_password: password, new_password: newPassword });

/** The console's form of the login: only the cookie, and when it ends. */
export const adminLoginInput = z.object({ username: z.string().min(1).max(320), password });
export const adminLoginAnswer = z.object({
  success: z.literal(true),
  expires_at: z.int().meta({ description: 'Milliseconds since the epoch.' }),
});
export const adminSessionAnswer = z.object({
  success: z.literal(true),
  user: userView,
  permissions: z.array(z.string()),
});

/** The user's own fields stand at the top too, where one of the contracts reads them. */
export const meAnswer = userView.extend({
  success: z.literal(true),
  data: userView,
  permissions: z.array(z.string()),
});
