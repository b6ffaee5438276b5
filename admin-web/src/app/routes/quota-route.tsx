import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { QuotaPage } from '../../features/sharing/quota-page.tsx';

const route = getRouteApi('/shell/quota');

export function QuotaRoute(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return <QuotaPage search={search} onSearch={(next) => void navigate({ search: next, replace: true })} />;
}
