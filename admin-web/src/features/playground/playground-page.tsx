import { Button, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { conversationQuery } from '../../lib/api/conversation.ts';
import { usableModelsQuery } from '../../lib/chat/usable-models.ts';
import { useFreshKey } from '../../lib/fresh-key.ts';
import { useFormat } from '../../lib/use-format.ts';
import { useStartKey } from './api/start-key.ts';
import { Chat } from './chat.tsx';
import type { PlaygroundSearch } from './playground-search.ts';
import { turnsOfKept } from './turns.ts';

interface PageProps {
  search: PlaygroundSearch;
  onModel: (model: string) => void;
}

/** A conversation with any model, through the same door as every client. */
export function PlaygroundPage(props: PageProps): ReactNode {
  const { t } = useTranslation('playground');
  const apiKey = useFreshKey();
  return (
    <>
      <PageHeader title={t('title')} intro={t('intro')} />
      {apiKey === null ? <StartCard /> : <Workbench apiKey={apiKey} {...props} />}
    </>
  );
}

function StartCard(): ReactNode {
  const { t } = useTranslation('playground');
  const format = useFormat();
  const start = useStartKey();
  return (
    <Stack gap="md">
      {start.error ? <ErrorState error={start.error} /> : null}
      <EmptyState
        icon="chat"
        title={t('start.title')}
        text={t('start.text')}
        action={
          <Button
            loading={start.isPending}
            onClick={() => start.mutate(t('start.keyName', { day: format.shortDateTime(Date.now()) }))}
          >
            {t('start.button')}
          </Button>
        }
      />
    </Stack>
  );
}

function Workbench({ apiKey, search, onModel }: PageProps & { apiKey: string }): ReactNode {
  const { t } = useTranslation('playground');
  const models = useQuery(usableModelsQuery(apiKey));
  return (
    <QueryView query={models} skeleton={[60, 300]}>
      {(names) => {
        const model = names.find((name) => name === search.model) ?? names[0];
        if (model === undefined) {
          return <EmptyState icon="models" title={t('noModels.title')} text={t('noModels.text')} />;
        }
        const common = { apiKey, names, model, onModel };
        if (search.from === undefined) return <Chat {...common} system="" turns={[]} />;
        return <Continued name={search.from} {...common} />;
      }}
    </QueryView>
  );
}

/** A kept conversation is read once, and led on here alone. */
function Continued(props: {
  name: string;
  apiKey: string;
  names: readonly string[];
  model: string;
  onModel: (model: string) => void;
}): ReactNode {
  const { name, ...common } = props;
  const kept = useQuery({ ...conversationQuery({ name }), staleTime: Infinity });
  return (
    <QueryView query={kept} skeleton={[60, 300]}>
      {(conversation) => <Chat key={name} {...common} {...turnsOfKept(conversation)} />}
    </QueryView>
  );
}
