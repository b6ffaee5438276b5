import { scheduleReport } from '@sluice/contract/schedules';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';
import { healthQuery } from '../../../lib/api/health.ts';
import type { ScheduleName } from '../schedules.ts';

export interface ScheduleRun {
  name: ScheduleName;
  parameters: Record<string, unknown>;
}

/** Runs a schedule now and waits for its report. */
export function useRunSchedule() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async ({ name, parameters }: ScheduleRun) => {
      const startedAt = performance.now();
      const report = await callApi({
        method: 'POST',
        path: `/api/admin/schedules/${name}/run`,
        body: parameters,
        schema: scheduleReport,
      });
      return { report, durationMs: performance.now() - startedAt };
    },
    onSettled: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: healthQuery.queryKey }),
        queryClient.invalidateQueries({ queryKey: ['metrics'] }),
      ]),
  });
}
