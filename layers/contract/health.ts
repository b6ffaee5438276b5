import { z } from 'zod';

export const healthAnswer = z.object({
  status: z.enum(['healthy', 'unhealthy']),
  service: z.string(),
  runtime: z.string(),
  version: z.string(),
  build: z.object({ sha: z.string() }),
  timestamp: z.iso.datetime(),
  uptime: z.number().meta({ description: 'Seconds of this process.' }),
  dependencies: z.record(z.string(), z.enum(['up', 'down'])),
});
export type HealthAnswer = z.infer<typeof healthAnswer>;
