import { z } from 'zod';

/** Every success of the admin surface, unless an older contract fixes another shape. */
export function successOf<Data extends z.ZodType>(data: Data) {
  return z.object({ success: z.literal(true), data });
}

export const confirmation = z.object({ success: z.literal(true), message: z.string() });

/**
 * Every failure of the admin surface. `error`, `detail` and `message` are the same sentence, because the readers of
 * the contracts look for it under three names.
 */
export const failure = z.object({
  success: z.literal(false),
  error: z.string(),
  error_code: z.string().meta({ description: 'Upper case, e.g. INVALID_CREDENTIALS.' }),
  detail: z.string(),
  message: z.string(),
  request_id: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Failure = z.infer<typeof failure>;

export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(2000).optional(),
};
