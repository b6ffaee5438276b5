import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { UsersPage } from '../../features/users/users-page.tsx';

const route = getRouteApi('/shell/users');

export function UsersRoute(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return <UsersPage search={search} onSearch={(next) => void navigate({ search: next, replace: true })} />;
}
