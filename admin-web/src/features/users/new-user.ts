import { createUserInput } from '@sluice/contract/user-administration';
import type { z } from 'zod';
import type { ROLES } from './users-search.ts';

/** What the form has. */
export interface NewUser {
  way: 'invite' | 'password';
  username: string;
  email: string;
  password: string;
  role: (typeof ROLES)[number];
}

/** What the API takes; only the fields of the way that was chosen. */
export function inputOf(values: NewUser): z.input<typeof createUserInput> {
  const email = values.email.trim();
  return {
    username: values.username.trim(),
    role: values.role,
    ...(email === '' ? {} : { email }),
    ...(values.way === 'password' ? { password: values.password, must_change_password: true } : {}),
  };
}

/** The first fault of each field, in the form's own words where it has some. */
export function faultsOf(values: NewUser): Record<string, string> {
  const parsed = createUserInput.safeParse(inputOf(values));
  if (parsed.success) return {};
  return Object.fromEntries(parsed.error.issues.toReversed().map((issue) => [String(issue.path[0]), issue.message]));
}
