import { useRouter } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ForgotPasswordPage } from '../../features/auth/forgot-password-page.tsx';
import { RegisterPage } from '../../features/auth/register-page.tsx';

export function RegisterRoute(): ReactNode {
  const router = useRouter();
  return <RegisterPage onLogin={() => router.history.push('/login')} />;
}

export function ForgotPasswordRoute(): ReactNode {
  const router = useRouter();
  return <ForgotPasswordPage onLogin={() => router.history.push('/login')} />;
}
