import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { MachineSecretsPage } from '../../features/machine-secrets/machine-secrets-page.tsx';

const route = getRouteApi('/shell/machine-secrets');

export function MachineSecretsRoute(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return <MachineSecretsPage search={search} onSearch={(next) => void navigate({ search: next, replace: true })} />;
}
