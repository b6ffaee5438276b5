import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { AccountsPage } from '../../features/sharing/accounts-page.tsx';

const route = getRouteApi('/shell/accounts');

export function AccountsRoute(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return <AccountsPage search={search} onSearch={(next) => void navigate({ search: next, replace: true })} />;
}
