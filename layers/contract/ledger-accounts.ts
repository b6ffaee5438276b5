import { z } from 'zod';
import { planType } from './plans.ts';

const hold = z.object({
  startedAt: z.iso.datetime(),
  key: z.string().nullable().meta({ description: 'Beginning of the id of the key that something is counted for.' }),
  softTokens: z.number().meta({ description: 'Held on limits of tokens per day and of role windows.' }),
  hardTokens: z.number().meta({ description: "Held on a plan's tokens." }),
  micros: z.number().meta({ description: 'Held on budgets, in micro-dollars.' }),
  units: z.number(),
  plan: z.string().nullable(),
});

const limit = z.object({
  owner: z.enum(['key', 'user', 'plan', 'credential']),
  key: z.string().nullable().meta({ description: 'Name of the key that the limit belongs to.' }),
  label: z.string(),
  counter: z.string(),
  limit: z.number(),
  used: z.number().meta({ description: 'Held amounts included.' }),
  resetsAt: z.iso.datetime().nullable(),
});

/** A ledger account: what is used up, what is held by requests under way, and what binds at this moment. */
export const ledgerAccountView = z.object({
  id: z.string(),
  createdAt: z.number().nullable().meta({
    description: 'Seconds since the epoch: where its minutes and role windows begin. Null: not used yet.',
  }),
  entitlement: z.number(),
  plan: z
    .object({
      id: z.string(),
      name: z.string(),
      type: planType.nullable(),
      tokens: z.number().nullable(),
      micros: z.number().nullable(),
      expiresAt: z.iso.datetime(),
    })
    .nullable(),
  counters: z.record(z.string(), z.number()),
  holds: z.record(z.string(), hold).meta({ description: 'By request id.' }),
  limits: z.array(limit),
});
export type LedgerAccountView = z.infer<typeof ledgerAccountView>;
