import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ModelsPage } from '../../features/models/models-page.tsx';

const route = getRouteApi('/shell/models');

export function ModelsRoute(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return <ModelsPage search={search} onSearch={(next) => void navigate({ search: next, replace: true })} />;
}
