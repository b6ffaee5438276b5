import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ReaderPage } from '../../features/api-reader/reader-page.tsx';

const route = getRouteApi('/shell/docs');

export function ApiReaderRoute(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return <ReaderPage search={search} onSearch={(next) => void navigate({ search: next, replace: true })} />;
}
