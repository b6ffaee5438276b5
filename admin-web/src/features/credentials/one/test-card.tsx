import { Button, Group, Select, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '../../../components/error-state.tsx';
import { modelsQuery } from '../../../lib/api/models.ts';
import type { CredentialDetails } from './api/credential.ts';
import { useTestCredential } from './api/test-credential.ts';
import { TestResult, Working } from './results.tsx';

const LIST = 'list';

/** One call under this credential: for the list of models, which costs nothing, or a greeting to a model. */
export function TestCard({ credential }: { credential: CredentialDetails }): ReactNode {
  const { t } = useTranslation('credential');
  const models = useQuery(modelsQuery);
  const test = useTestCredential();
  const [by, setBy] = useState(LIST);
  const served = (models.data ?? [])
    .filter(({ routes }) => routes.some(({ upstream }) => upstream === credential.upstream))
    .map(({ name }) => name);
  return (
    <Stack gap="sm" aria-live="polite">
      <Title order={3} fz={16}>
        {t('test.title')}
      </Title>
      <Text fz="sm" c="dimmed">
        {t('test.hint')}
      </Text>
      <Group align="flex-end" gap="sm">
        <Select
          label={t('test.by')}
          data={[
            { value: LIST, label: t('test.list') },
            ...(served.length === 0
              ? []
              : [{ group: t('test.greet'), items: served.map((name) => ({ value: `model:${name}`, label: name })) }]),
          ]}
          value={by}
          onChange={(value) => setBy(value ?? LIST)}
          allowDeselect={false}
          searchable
          style={{ flex: '1 1 220px' }}
        />
        <Button
          variant="default"
          loading={test.isPending}
          onClick={() =>
            test.mutate({
              place: credential,
              input: by === LIST ? { listOnly: true } : { model: by.slice('model:'.length) },
            })
          }
        >
          {t('test.run')}
        </Button>
      </Group>
      {test.isPending ? <Working text={t('added.testing')} /> : null}
      {test.data && !test.isPending ? <TestResult report={test.data} /> : null}
      {test.error ? <ErrorState error={test.error} /> : null}
    </Stack>
  );
}
