import type { hedgingQuery, hedgingReport } from '@sluice/contract/hedging';
import type { z } from 'zod';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';

const DAY_MS = 86_400_000;

export async function readHedging(
  services: AdminServices,
  { query }: Call<undefined, z.infer<typeof hedgingQuery>, Caller>,
): Promise<Answer> {
  const today = services.clock() + services.timeZoneOffsetMinutes * 60_000;
  const wanted = Array.from({ length: query.days }, (_, index) =>
    new Date(today - index * DAY_MS).toISOString().slice(0, 10),
  );
  const [{ hedging }, days] = await Promise.all([services.catalog.readSettings(), services.hedges.read(wanted)]);
  const report: z.infer<typeof hedgingReport> = {
    enabled: hedging.enabled,
    daily_budget_micros: hedging.dailyBudgetMicros,
    days: days.map(({ day, spentMicros, races, won }) => ({ day, spent_micros: spentMicros, races, won })),
  };
  return success(report);
}
