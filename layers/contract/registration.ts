import { z } from 'zod';
import { newPassword } from './session.ts';
import { userView } from './users.ts';

/** RFC 5321 §4.5.3.1: an address has 254 characters at most. */
export const emailAddress = z
  .string()
  .trim()
  .max(254)
  .pipe(z.email('Expected an e-mail address such as jo@example.com'))
  .refine((email) => email.lastIndexOf('@') <= 64, 'The part before the @ has 64 characters at most');

/** Which characters and words it may be is told by the answer. */
export const chosenUsername = z.string().trim().min(3).max(50);

export const registerInput = z.object({
  email: emailAddress,
  password: newPassword,
  username: chosenUsername.optional().meta({ description: 'Made from the address when absent.' }),
});
/** Three contracts read this: one `userId`, one `user`. Nobody is signed in by it. */
export const registerAnswer = z.object({
  success: z.literal(true),
  message: z.string(),
  userId: z.string(),
  user_id: z.string(),
  user: userView,
});

const token = z.string().min(1).max(512).meta({ writeOnly: true });
export const tokenInput = z.object({ token });
export const forgotPasswordInput = z.object({ email: emailAddress });
export const resetPasswordInput = z.object({ token, password: newPassword });
export const resetTokenAnswer = z.object({ success: z.literal(true), message: z.string(), email: z.string() });
export const verifyEmailAnswer = z.object({ success: z.literal(true), message: z.string(), user: userView });
export const nothing = z.object({}).optional();

export const checkUsernameQuery = z.object({ username: z.string().trim().min(1).max(320) });
export const checkUsernameAnswer = z.object({
  success: z.literal(true),
  exists: z.boolean(),
  message: z.string(),
  username: z.string(),
});
