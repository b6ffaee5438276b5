import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { KeysPage } from '../../features/keys/keys-page.tsx';

const route = getRouteApi('/shell/keys');

export function KeysRoute(): ReactNode {
  const { create } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <KeysPage
      creating={create === true}
      onCreating={(creating) => void navigate({ search: creating ? { create: true } : {}, replace: true })}
    />
  );
}
