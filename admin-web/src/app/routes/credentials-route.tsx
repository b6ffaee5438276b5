import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { CredentialsPage } from '../../features/credentials/credentials-page.tsx';

const route = getRouteApi('/shell/credentials');

export function CredentialsRoute(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return <CredentialsPage search={search} onSearch={(next) => void navigate({ search: next, replace: true })} />;
}
