import { z } from 'zod';

/** A user as everybody sees themselves, and administrators everybody. */
export const userView = z.object({
  id: z.string(),
  username: z.string(),
  email: z.string().nullable(),
  avatar_url: z.null().meta({ description: 'Pictures are not kept; one of the contracts reads this field.' }),
  role: z.enum(['user', 'admin', 'super_admin']),
  trust_level: z.int(),
  is_active: z.boolean(),
  is_verified: z.boolean().meta({ description: 'Whether the e-mail address was shown to be theirs.' }),
  is_silenced: z.boolean().meta({ description: 'Silenced users read, and call no models.' }),
  must_change_password: z.boolean(),
  created_at: z.iso.datetime(),
});
