import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { AuditPage } from '../../features/audit/audit-page.tsx';

const route = getRouteApi('/shell/audit');

export function AuditRoute(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return <AuditPage search={search} onSearch={(next) => void navigate({ search: next, replace: true })} />;
}
