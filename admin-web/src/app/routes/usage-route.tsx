import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { UsagePage } from '../../features/usage/usage-page.tsx';

const route = getRouteApi('/shell/usage');

export function UsageRoute(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return <UsagePage search={search} onSearch={(next) => void navigate({ search: next, replace: true })} />;
}
