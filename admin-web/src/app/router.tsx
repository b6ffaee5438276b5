import { createRoute, createRouter } from '@tanstack/react-router';
import { operatorRoutes } from './areas/operator-routes.ts';
import { publicRoutes } from './areas/public-routes.ts';
import { userRoutes } from './areas/user-routes.ts';
import { rootRoute } from './root-route.ts';
import type { ConsoleContext } from './root-route.ts';
import { shellRoute } from './shell-route.ts';
import { FailedPage, MissingPage, WaitingPage } from './state-pages.tsx';

/** Every other address. */
const missingRoute = createRoute({ getParentRoute: () => shellRoute, path: '$', component: MissingPage });

const routeTree = rootRoute.addChildren([
  ...publicRoutes,
  shellRoute.addChildren([...userRoutes, ...operatorRoutes, missingRoute]),
]);

/** The console's addresses. Table state lives in them, so that a page can be sent to a colleague. */
export function createConsoleRouter(context: ConsoleContext) {
  return createRouter({
    routeTree,
    context,
    defaultPreload: 'intent',
    scrollRestoration: true,
    defaultErrorComponent: FailedPage,
    defaultNotFoundComponent: MissingPage,
    defaultPendingComponent: WaitingPage,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
