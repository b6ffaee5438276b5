import { z } from 'zod';
import { userView } from './users.ts';

const password = z.string().min(1).max(1024).meta({ writeOnly: true });

/** Three contracts log in on one path: by user name or by e-mail address. */
export const loginInput = z
  .object({
    username: z.string().min(1).max(320).optional(),
    email: z.string().min(1).max(320).optional(),
    password,
  })
  .refine((input) => input.username !== undefined || input.email !== undefined, {
    path: ['username'],
    message: 'A user name or an e-mail address is required',
  });

/** `token` is `access_token` under the name that one of the contracts reads. */
export const loginAnswer = z.object({
  success: z.literal(true),
  message: z.string(),
  access_token: z.string(),
  token: z.string(),
  token_type: z.literal('bearer'),
  expires_in: z.int().meta({ description: 'Seconds.' }),
  user: userView,
});

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
