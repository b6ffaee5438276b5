import { z } from 'zod';

export const hedgingQuery = z.object({ days: z.coerce.number().int().min(1).max(60).default(7) });

/** What second calls cost the operator, newest day first. Users pay for the answer that they got, and for nothing else. */
export const hedgingDay = z.object({
  day: z.string().meta({ description: 'Of the days that limits follow.' }),
  spent_micros: z.number().meta({ description: 'On answers that nobody got; races that run hold what they may cost.' }),
  races: z.number(),
  won: z.number().meta({ description: 'Races in which the second call was the quicker one.' }),
});

export const hedgingReport = z.object({
  enabled: z.boolean(),
  daily_budget_micros: z.number(),
  days: z.array(hedgingDay),
});
