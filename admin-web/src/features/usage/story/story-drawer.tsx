import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { DetailsDrawer } from '../../../components/details-drawer.tsx';
import { EmptyState } from '../../../components/empty-state.tsx';
import { QueryView } from '../../../components/query-view.tsx';
import { ApiError } from '../../../lib/api-client.ts';
import { requestQuery } from '../api/find-request.ts';
import type { UsageSearch } from '../usage-search.ts';
import { Story } from './story.tsx';

interface StoryDrawerProps {
  /** Null: closed. */
  requestId: string | null;
  onFilter: (filter: Partial<UsageSearch>) => void;
  onClose: () => void;
}

/** One request's whole story over whatever page part is open, asked by its id. */
export function StoryDrawer({ requestId, onFilter, onClose }: StoryDrawerProps): ReactNode {
  const { t } = useTranslation('usage');
  return (
    <DetailsDrawer
      open={requestId}
      onClose={onClose}
      size={760}
      title={t('detailsTitle')}
      closeLabel={t('closeDetails')}
    >
      {(shown) => <StoryOf key={shown} requestId={shown} onFilter={onFilter} />}
    </DetailsDrawer>
  );
}

function StoryOf({ requestId, onFilter }: { requestId: string; onFilter: StoryDrawerProps['onFilter'] }): ReactNode {
  const { t } = useTranslation('usage');
  const story = useQuery(requestQuery(requestId));
  if (story.error instanceof ApiError && story.error.status === 404 && !story.data) {
    return <EmptyState icon="usage" title={t('unknown.title')} text={t('unknown.text', { id: requestId })} />;
  }
  return (
    <QueryView query={story} skeleton={[60, 90, 160, 200]}>
      {(data) => <Story story={data} onFilter={onFilter} />}
    </QueryView>
  );
}
