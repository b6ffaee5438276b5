import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { AlertsPage } from '../../features/alerts/alerts-page.tsx';

const route = getRouteApi('/shell/alerts');

export function AlertsRoute(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return <AlertsPage search={search} onSearch={(next) => void navigate({ search: next, replace: true })} />;
}
