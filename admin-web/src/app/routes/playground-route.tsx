import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { PlaygroundPage } from '../../features/playground/playground-page.tsx';

const route = getRouteApi('/shell/playground');

export function PlaygroundRoute(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <PlaygroundPage
      search={search}
      onModel={(model) => void navigate({ search: { ...search, model }, replace: true })}
    />
  );
}
