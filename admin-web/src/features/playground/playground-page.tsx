import { Button, Card, Group, Select, SimpleGrid, Stack, Switch, Text, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { useFreshKey } from '../../lib/fresh-key.ts';
import { useFormat } from '../../lib/use-format.ts';
import { usableModelsQuery } from '../../lib/chat/usable-models.ts';
import { useStartKey } from './api/start-key.ts';
import { Composer } from './composer.tsx';
import { TurnView } from './turn-view.tsx';
import { useConversation } from './use-conversation.ts';

/** A conversation with any model, through the same door as every client. */
export function PlaygroundPage(props: { model: string | undefined; onModel: (model: string) => void }): ReactNode {
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
            onClick={() => start.mutate(t('start.keyName', { day: format.date(Date.now()) }))}
          >
            {t('start.button')}
          </Button>
        }
      />
    </Stack>
  );
}

function Workbench(props: { apiKey: string; model: string | undefined; onModel: (model: string) => void }): ReactNode {
  const models = useQuery(usableModelsQuery(props.apiKey));
  return (
    <QueryView query={models} skeleton={[60, 300]}>
      {(names) => <Chat names={names} {...props} />}
    </QueryView>
  );
}

function Chat(props: {
  names: readonly string[];
  apiKey: string;
  model: string | undefined;
  onModel: (model: string) => void;
}): ReactNode {
  const { t } = useTranslation('playground');
  const { names, apiKey } = props;
  const model = names.find((name) => name === props.model) ?? names[0];
  const [system, setSystem] = useState('');
  const [weather, setWeather] = useState(false);
  const conversation = useConversation();
  if (model === undefined) return <EmptyState icon="models" title={t('noModels.title')} text={t('noModels.text')} />;
  return (
    <Stack gap="md">
      <Card withBorder padding="md">
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Stack gap="sm">
            <Select
              label={t('model')}
              allowDeselect={false}
              searchable
              data={[...names]}
              value={model}
              onChange={(name) => {
                if (name !== null) props.onModel(name);
              }}
            />
            <Switch label={t('tool')} checked={weather} onChange={(event) => setWeather(event.currentTarget.checked)} />
          </Stack>
          <Textarea
            label={t('system')}
            placeholder={t('systemPlaceholder')}
            autosize
            minRows={2}
            maxRows={6}
            value={system}
            onChange={(event) => setSystem(event.currentTarget.value)}
          />
        </SimpleGrid>
      </Card>
      <Stack gap="md" role="log" aria-live="polite" aria-label={t('conversation')}>
        {conversation.turns.map((turn, index) => (
          <TurnView
            key={index}
            turn={turn}
            isGrowing={conversation.isAnswering && index === conversation.turns.length - 1}
          />
        ))}
      </Stack>
      {conversation.error ? <ErrorState error={conversation.error} /> : null}
      <Composer
        isAnswering={conversation.isAnswering}
        onSend={(question) => void conversation.ask(question, { apiKey, model, system, weather })}
        onStop={conversation.stop}
      />
      {conversation.turns.length > 0 ? (
        <Group justify="space-between">
          <Text fz="xs" c="dimmed">
            {t('kept')}
          </Text>
          <Button variant="subtle" size="xs" onClick={conversation.clear}>
            {t('clear')}
          </Button>
        </Group>
      ) : null}
    </Stack>
  );
}
