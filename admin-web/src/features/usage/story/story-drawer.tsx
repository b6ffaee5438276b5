import { Drawer } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
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
  // The last one is kept, so that the drawer does not empty while it slides out.
  const [shown, setShown] = useState(requestId);
  if (requestId !== null && requestId !== shown) setShown(requestId);
  return (
    <Drawer
      opened={requestId !== null}
      onClose={onClose}
      position="right"
      size={760}
      title={t('detailsTitle')}
      closeButtonProps={{ 'aria-label': t('closeDetails') }}
    >
      {shown === null ? null : <StoryOf key={shown} requestId={shown} onFilter={onFilter} />}
    </Drawer>
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
