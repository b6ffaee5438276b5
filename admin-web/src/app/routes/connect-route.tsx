import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ConnectPage } from '../../features/connect/connect-page.tsx';

const route = getRouteApi('/shell/connect');

export function ConnectRoute(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return <ConnectPage search={search} onSearch={(next) => void navigate({ search: next, replace: true })} />;
}
