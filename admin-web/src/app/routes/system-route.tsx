import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { SystemPage } from '../../features/health/system-page.tsx';

const route = getRouteApi('/shell/system');

export function SystemRoute(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return <SystemPage search={search} onSearch={(next) => void navigate({ search: next, replace: true })} />;
}
