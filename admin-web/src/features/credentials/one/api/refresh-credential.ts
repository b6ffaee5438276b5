import { refreshReport } from '@sluice/contract/credentials';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi } from '../../../../lib/api-client.ts';
import { CREDENTIALS } from '../../api/list-credentials.ts';
import { pathOf, type Place } from './credential.ts';

export type RefreshReport = z.output<typeof refreshReport>;

/** One grant now. `onceMore`: although the last attempt may have used up the refresh token, or it was refused. */
export function useRefreshCredential(place: Place) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (onceMore: boolean) =>
      callApi({ method: 'POST', path: `${pathOf(place)}/refresh`, body: { onceMore }, schema: refreshReport }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: CREDENTIALS }),
  });
}
