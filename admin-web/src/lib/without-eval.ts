import { z } from 'zod';

/**
 * Zod compiles its checks with `new Function` where it may. The console's policy (script-src 'self') forbids that and
 * browsers report every attempt, so it is told not to try. Schemas ask while they are made: this module must be
 * evaluated before any module that makes one, which is why `main.tsx` imports it first and loads the rest afterwards.
 */
z.config({ jitless: true });
