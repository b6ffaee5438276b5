import { z } from 'zod';

/** What an answer carries that tells of something to mind. */
export const warned = { warnings: z.array(z.string()) };
