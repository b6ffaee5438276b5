import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { PlaygroundPage } from '../../features/playground/playground-page.tsx';

const route = getRouteApi('/shell/playground');

export function PlaygroundRoute(): ReactNode {
  const { model } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <PlaygroundPage model={model} onModel={(chosen) => void navigate({ search: { model: chosen }, replace: true })} />
  );
}
