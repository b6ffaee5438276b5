import type { QueryClient } from '@tanstack/react-query';
import { createRoute, lazyRouteComponent, notFound, redirect } from '@tanstack/react-router';
import { ApiError } from '../lib/api-client.ts';
import { isOperator, may, sessionQuery } from '../lib/api/session.ts';
import { loadPageTexts } from '../lib/i18n.ts';
import { rootRoute } from './root-route.ts';

/** Everything behind the login. Whoever is not logged in is led there and comes back afterwards. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'shell',
  validateSearch: (search): { import?: true } => (search['import'] === true ? { import: true } : {}),
  beforeLoad: async ({ context, location }) => {
    const back = location.href === '/' ? {} : { redirect: location.href };
    try {
      const asked = context.queryClient.ensureQueryData(sessionQuery);
      const [session] = await Promise.all([asked, loadPageTexts(context.i18n)]);
      if (session.must_change_password) throw redirect({ to: '/change-password', search: back });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      throw redirect({ to: '/login', search: back });
    }
  },
  component: lazyRouteComponent(() => import('./shell.tsx'), 'Shell'),
});

/** What someone may not see looks like what is not there. */
export async function operatorsOnly({ context }: { context: { queryClient: QueryClient } }): Promise<void> {
  if (!isOperator(await context.queryClient.ensureQueryData(sessionQuery))) throw notFound();
}

/** As `operatorsOnly`, for pages that ask for a right that not all operators have. */
export function permittedOnly(permission: string) {
  return async ({ context }: { context: { queryClient: QueryClient } }): Promise<void> => {
    if (!may(await context.queryClient.ensureQueryData(sessionQuery), permission)) throw notFound();
  };
}
