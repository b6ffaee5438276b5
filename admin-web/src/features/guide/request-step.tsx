import { Button, Card, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '../../components/error-state.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { usableModelsQuery } from '../../lib/chat/usable-models.ts';
import { formatDuration } from '../../lib/format.ts';
import { useFreshKey } from '../../lib/fresh-key.ts';
import { useFormat } from '../../lib/use-format.ts';
import { useMakeKey } from './api/make-key.ts';
import { useFirstAnswer, type Answer } from './use-first-answer.ts';

/** The first request, from this very page. */
export function RequestStep(): ReactNode {
  const apiKey = useFreshKey();
  return apiKey === null ? <KeyForThisPage /> : <Question apiKey={apiKey} />;
}

const DAY_MS = 86_400_000;

/** Keys made earlier cannot be read back, so one for this tab takes their place. */
function KeyForThisPage(): ReactNode {
  const { t } = useTranslation('guide');
  const format = useFormat();
  const make = useMakeKey();
  const input = (): Parameters<typeof make.mutate>[0] => ({
    name: t('request.keyName', { day: format.date(Date.now()) }),
    expires_at: new Date(Date.now() + DAY_MS).toISOString(),
  });
  return (
    <Stack gap="sm" align="flex-start">
      <Text fz="sm">{t('request.needsKey')}</Text>
      {make.error ? <ErrorState error={make.error} /> : null}
      <Button variant="default" loading={make.isPending} onClick={() => make.mutate(input())}>
        {t('request.makeKey')}
      </Button>
    </Stack>
  );
}

function Question({ apiKey }: { apiKey: string }): ReactNode {
  const { t } = useTranslation('guide');
  const models = useQuery(usableModelsQuery(apiKey));
  return (
    <QueryView query={models} skeleton={[80]}>
      {(names) =>
        names.length === 0 ? <Text fz="sm">{t('request.noModels')}</Text> : <Form apiKey={apiKey} names={names} />
      }
    </QueryView>
  );
}

function Form({ apiKey, names }: { apiKey: string; names: readonly string[] }): ReactNode {
  const { t } = useTranslation('guide');
  const [chosen, setChosen] = useState<string | null>(null);
  const [question, setQuestion] = useState(() => t('request.suggestion'));
  const { answer, isAnswering, error, ask } = useFirstAnswer();
  const model = names.find((name) => name === chosen) ?? names[0] ?? '';
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!isAnswering && question.trim() !== '') void ask({ apiKey, model, question: question.trim() });
      }}
    >
      <Stack gap="sm">
        <Group gap="sm" align="flex-end">
          <Select
            label={t('request.model')}
            data={[...names]}
            value={model}
            onChange={setChosen}
            allowDeselect={false}
            searchable
            style={{ flex: '1 1 200px' }}
          />
          <TextInput
            label={t('request.question')}
            value={question}
            onChange={(event) => setQuestion(event.currentTarget.value)}
            style={{ flex: '2 1 260px' }}
          />
          <Button type="submit" loading={isAnswering} disabled={question.trim() === ''}>
            {t('request.send')}
          </Button>
        </Group>
        {answer ? <AnswerCard answer={answer} isAnswering={isAnswering} /> : null}
        {error ? <ErrorState error={error} /> : null}
      </Stack>
    </form>
  );
}

function AnswerCard({ answer, isAnswering }: { answer: Answer; isAnswering: boolean }): ReactNode {
  const { t } = useTranslation('guide');
  const { firstMs, totalMs, tokens } = answer;
  const facts = [
    firstMs === null ? null : t('request.first', { duration: formatDuration(firstMs) }),
    totalMs === null ? null : t('request.total', { duration: formatDuration(totalMs) }),
    tokens === null ? null : t('request.tokens', { count: tokens }),
  ].filter((fact) => fact !== null);
  return (
    <Card withBorder padding="md">
      <Text
        role="log"
        aria-live="polite"
        aria-label={t('request.answer')}
        fz="sm"
        style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}
      >
        {answer.text}
        {isAnswering ? <span aria-hidden>▍</span> : null}
      </Text>
      {facts.length > 0 ? (
        <Text fz="xs" c="dimmed" mt="xs">
          {facts.join(' · ')}
        </Text>
      ) : null}
    </Card>
  );
}
