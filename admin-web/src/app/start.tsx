import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { I18nextProvider } from 'react-i18next';
import { sessionQuery } from '../lib/api/session.ts';
import { createI18n } from '../lib/i18n.ts';
import { createQueryClient } from '../lib/query-client.ts';
import { createConsoleRouter } from './router.tsx';
import { readableColors, theme } from './theme.ts';

/** Brings the console up inside `element`. */
export async function start(element: HTMLElement | null): Promise<void> {
  if (!element) throw new Error('index.html has no element with the id "root"');
  const i18n = await createI18n();
  const queryClient = createQueryClient({ onRefused: () => void leaveForLogin() });
  const router = createConsoleRouter({ queryClient, i18n });
  /** The session ended while a page was open. The login page itself is where a refusal is an answer. */
  async function leaveForLogin(): Promise<void> {
    const { pathname, href } = router.state.location;
    if (pathname === '/login') return;
    queryClient.removeQueries({ queryKey: sessionQuery.queryKey });
    await router.navigate({ to: '/login', search: href === '/' ? {} : { redirect: href } });
  }
  createRoot(element).render(
    <StrictMode>
      <I18nextProvider i18n={i18n}>
        <MantineProvider theme={theme} cssVariablesResolver={readableColors} defaultColorScheme="auto">
          <Notifications position="bottom-right" />
          <QueryClientProvider client={queryClient}>
            <RouterProvider router={router} />
          </QueryClientProvider>
        </MantineProvider>
      </I18nextProvider>
    </StrictMode>,
  );
}
