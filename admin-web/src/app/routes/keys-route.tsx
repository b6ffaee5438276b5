import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { KeysPage } from '../../features/keys/keys-page.tsx';

const route = getRouteApi('/shell/keys');

export function KeysRoute(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return <KeysPage search={search} onSearch={(next) => void navigate({ search: next, replace: true })} />;
}
