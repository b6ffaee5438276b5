import { getRouteApi, useRouter } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ResetPasswordPage } from '../../features/auth/reset-password-page.tsx';
import { VerifyEmailPage } from '../../features/auth/verify-email-page.tsx';

const verifyRoute = getRouteApi('/verify-email');
const resetRoute = getRouteApi('/reset-password');

export function VerifyEmailRoute(): ReactNode {
  const router = useRouter();
  const { token } = verifyRoute.useSearch();
  return <VerifyEmailPage token={token} onLogin={() => router.history.replace('/login')} />;
}

export function ResetPasswordRoute(): ReactNode {
  const router = useRouter();
  const { token } = resetRoute.useSearch();
  return <ResetPasswordPage token={token} onLogin={() => router.history.replace('/login')} />;
}
