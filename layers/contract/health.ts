import { z } from 'zod';

const state = z.enum(['up', 'down']);

/** What the readers of all contracts look for, each under its own name. */
export const healthAnswer = z.object({
  status: z.enum(['healthy', 'degraded', 'unhealthy']).meta({
    description: '`degraded`: everything answers, and scheduled work is late. `unhealthy` comes with 503.',
  }),
  service: z.string(),
  runtime: z.string(),
  version: z.string(),
  build: z.object({ sha: z.string() }),
  timestamp: z.iso.datetime(),
  uptime: z.number().meta({ description: 'Seconds of this process.' }),
  database: z.enum(['connected', 'disconnected']).meta({ description: 'All tables together.' }),
  bindings: z.object({ db: z.boolean(), kv_cache: z.boolean(), assets: z.boolean() }).meta({
    description: 'What one of the contracts reads: tables, tables again, and the console, which is not asked.',
  }),
  components: z.record(z.string(), z.object({ status: z.enum(['healthy', 'unhealthy', 'late', 'unknown']) })),
  dependencies: z.record(z.string(), state),
  schedules: z.object({
    roll_up_age_seconds: z.number().nullable().meta({ description: 'Null: it never ran, or is not known.' }),
    sweep_age_seconds: z.number().nullable(),
  }),
});
export type HealthAnswer = z.infer<typeof healthAnswer>;
