import { meAnswer } from '@sluice/contract/session';
import { queryOptions, useQuery } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';
import type { z } from 'zod';
import { callBareApi } from '../api-client.ts';

export type Session = z.output<typeof meAnswer>;

/** Who is logged in. Fails with status 401 when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => callBareApi({ path: '/api/auth/me', schema: meAnswer, signal }),
  staleTime: 60_000,
});

export function useSession(): UseQueryResult<Session> {
  return useQuery(sessionQuery);
}

/** May see what concerns the whole gateway. The API decides; the console only hides what would be refused. */
export function isOperator(session: Pick<Session, 'role'> | undefined): boolean {
  return session?.role === 'admin' || session?.role === 'super_admin';
}

/** Whether a right is among those of the session, such as `schedules:run`: administrators do not have all of them. */
export function may(session: Pick<Session, 'permissions'> | undefined, permission: string): boolean {
  return session?.permissions.includes(permission) ?? false;
}

/** Administrators look at everybody's usage, everyone else at their own. */
export function usageScope(session: Pick<Session, 'role'> | undefined): 'all' | 'own' {
  return isOperator(session) ? 'all' : 'own';
}
