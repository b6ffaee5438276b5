import { settingsAnswer } from '@sluice/contract/settings';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { callBareApi } from '../../../lib/api-client.ts';

export type Settings = z.output<typeof settingsAnswer>;
export type SettingRow = Settings['groups'][number]['settings'][number];

const PATH = '/api/admin/settings';

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => callBareApi({ path: PATH, schema: settingsAnswer, signal }),
});

/** Changes some settings of the version that was read. Refused with 409 when somebody was quicker. */
export function useSaveSettings() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ changes, version }: { changes: Record<string, unknown>; version: number }) =>
      callBareApi({ method: 'PUT', path: PATH, body: { ...changes, version }, schema: settingsAnswer }),
    onSuccess: (answer) => queryClient.setQueryData(settingsQuery.queryKey, answer),
  });
}
