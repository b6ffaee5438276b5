import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext } from '@tanstack/react-router';
import type { i18n as I18n } from 'i18next';

/** What routes load with. */
export interface ConsoleContext {
  queryClient: QueryClient;
  i18n: I18n;
}

/** What every address stands under. */
export const rootRoute = createRootRouteWithContext<ConsoleContext>()();
