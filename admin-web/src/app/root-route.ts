import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext } from '@tanstack/react-router';
import { MissingPage } from './state-pages.tsx';

/** What every address stands under. */
export const rootRoute = createRootRouteWithContext<{ queryClient: QueryClient }>()({ notFoundComponent: MissingPage });
