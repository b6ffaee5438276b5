import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ConversationsPage } from '../../features/conversations/conversations-page.tsx';

const route = getRouteApi('/shell/conversations');

export function ConversationsRoute(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return <ConversationsPage search={search} onSearch={(next) => void navigate({ search: next, replace: true })} />;
}
