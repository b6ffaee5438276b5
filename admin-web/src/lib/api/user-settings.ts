import { userSettingsAnswer, type userSettingsChange } from '@sluice/contract/profile';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { callBareApi } from '../api-client.ts';

export type UserSettings = z.output<typeof userSettingsAnswer>['settings'];

/** What the caller set for themselves, and what consoles keep for them. */
export const userSettingsQuery = queryOptions({
  queryKey: ['user-settings'],
  queryFn: async ({ signal }) =>
    (await callBareApi({ path: '/api/user/settings', schema: userSettingsAnswer, signal })).settings,
  staleTime: 60_000,
});

/** Fields that are not named stay as they are. Shown at once; put back when it was refused. */
export function useChangeUserSettings() {
  const queryClient = useQueryClient();
  const { queryKey } = userSettingsQuery;
  return useMutation({
    mutationFn: async (change: z.input<typeof userSettingsChange>) =>
      (await callBareApi({ method: 'PUT', path: '/api/user/settings', body: change, schema: userSettingsAnswer }))
        .settings,
    onMutate: async (change) => {
      await queryClient.cancelQueries({ queryKey });
      const before = queryClient.getQueryData(queryKey);
      if (before) queryClient.setQueryData(queryKey, merged(before, change));
      return before;
    },
    onSuccess: (settings) => queryClient.setQueryData(queryKey, settings),
    onError: (_error, _change, before) => queryClient.setQueryData(queryKey, before),
  });
}

function merged(before: UserSettings, change: z.input<typeof userSettingsChange>): UserSettings {
  return {
    notifications: { ...before.notifications, ...change.notifications },
    security: { ...before.security, ...change.security },
    preferences: { ...before.preferences, ...change.preferences },
  };
}
