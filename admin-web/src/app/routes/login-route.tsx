import { getRouteApi, useRouter } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { LoginPage } from '../../features/auth/login-page.tsx';

const route = getRouteApi('/login');

export function LoginRoute(): ReactNode {
  const router = useRouter();
  const { redirect } = route.useSearch();
  return (
    <LoginPage
      onLoggedIn={() => router.history.replace(redirect ?? '/')}
      onForgotten={() => router.history.push('/forgot-password')}
      onRegister={() => router.history.push('/register')}
    />
  );
}
