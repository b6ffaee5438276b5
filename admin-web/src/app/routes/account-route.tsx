import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { AccountPage } from '../../features/account/account-page.tsx';

export function AccountRoute(): ReactNode {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  return (
    <AccountPage
      onLoggedOut={() => {
        queryClient.clear();
        void navigate({ to: '/login', search: {} });
      }}
    />
  );
}
