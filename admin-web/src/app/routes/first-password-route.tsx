import { getRouteApi, useRouter } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { FirstPasswordPage } from '../../features/auth/first-password-page.tsx';

const route = getRouteApi('/change-password');

export function FirstPasswordRoute(): ReactNode {
  const router = useRouter();
  const { redirect } = route.useSearch();
  return (
    <FirstPasswordPage
      onChanged={() => router.history.replace(redirect ?? '/')}
      onLogin={() => router.history.replace('/login')}
    />
  );
}
