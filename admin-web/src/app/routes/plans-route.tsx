import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { PlansPage } from '../../features/plans/plans-page.tsx';

const route = getRouteApi('/shell/plans');

export function PlansRoute(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return <PlansPage search={search} onSearch={(next) => void navigate({ search: next, replace: true })} />;
}
