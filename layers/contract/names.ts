import { z } from 'zod';

/** Names of upstreams stand in paths and in the associated data of sealed values, so they are kept plain. */
export const upstreamName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'Expected 1 to 63 letters, digits, dots, dashes or underscores');

/** Names that people give to things: one line of visible text. */
export const displayName = z
  .string()
  .min(1)
  .max(100)
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  .regex(/^[^\s\u0000-\u001f\u007f](?:[^\u0000-\u001f\u007f]*[^\s\u0000-\u001f\u007f])?$/, {
    message: 'Expected one line of text without spaces at its ends',
  })
  // Names are folded to be compared, and one character may become eighteen.
  .refine((name) => name.normalize('NFKC').length <= 200, 'Expected a shorter name');

/** Model names as vendors write them: `gpt-5`, `meta-llama/Llama-3.3:free`. */
export const modelName = z
  .string()
  .max(200)
  .regex(/^[!-~]+$/, 'Expected visible ASCII characters without spaces');

/** Lower is tried first. */
export const priority = z.int().min(0).max(1000);
/** Share among equals; 0 keeps the row and gives it no requests of its own accord. */
export const weight = z.number().min(0).max(1000);
