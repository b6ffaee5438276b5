import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { MediaPage } from '../../features/media/media-page.tsx';

const route = getRouteApi('/shell/media');

export function MediaRoute(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return <MediaPage search={search} onSearch={(next) => void navigate({ search: next, replace: true })} />;
}
