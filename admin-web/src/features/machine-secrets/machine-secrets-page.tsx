import { Button, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CodeBlock } from '../../components/code-block.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Icon } from '../../components/icon.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { Section } from '../../components/section.tsx';
import { useFormat } from '../../lib/use-format.ts';
import { machineSecretsQuery, type MachineSecret } from './api/machine-secrets.ts';
import { CreateSecretDialog } from './create-secret-dialog.tsx';
import type { MachineSecretsSearch } from './machine-secrets-search.ts';
import { refreshSnippet, tokenSnippet } from './machine-snippets.ts';
import { SecretDrawer } from './secret-drawer.tsx';
import { SecretStates } from './secret-states.tsx';
import { useRateText } from './use-rate-text.ts';

/** What machines present to be given tokens of OAuth credentials. The address carries what is open. */
export function MachineSecretsPage(props: {
  search: MachineSecretsSearch;
  onSearch: (search: MachineSecretsSearch) => void;
}): ReactNode {
  const { search, onSearch } = props;
  const { t } = useTranslation('machineSecrets');
  const secrets = useQuery(machineSecretsQuery);
  const createButton = (
    <Button leftSection={<Icon name="plus" size={16} />} onClick={() => onSearch({ create: true })}>
      {t('create')}
    </Button>
  );
  const close = (): void => onSearch({});
  return (
    <>
      <PageHeader title={t('title')} intro={t('intro')} actions={createButton} />
      <Stack gap="lg">
        <QueryView query={secrets}>
          {(rows) =>
            rows.length === 0 ? (
              <EmptyState icon="machine" title={t('none.title')} text={t('none.text')} action={createButton} />
            ) : (
              <SecretTable secrets={rows} onOpen={({ name }) => onSearch({ secret: name })} />
            )
          }
        </QueryView>
        <HowTo />
      </Stack>
      <CreateSecretDialog opened={search.create === true} onClose={close} />
      <SecretDrawer secret={secrets.data?.find(({ name }) => name === search.secret) ?? null} onClose={close} />
    </>
  );
}

function SecretTable(props: { secrets: readonly MachineSecret[]; onOpen: (secret: MachineSecret) => void }): ReactNode {
  const { t } = useTranslation('machineSecrets');
  const format = useFormat();
  const rateText = useRateText();
  return (
    <ResourceTable
      caption={t('title')}
      rows={props.secrets}
      rowKey={({ name }) => name}
      onOpen={props.onOpen}
      columns={[
        { key: 'name', header: t('name'), render: ({ name }) => name },
        {
          key: 'value',
          header: t('value'),
          render: ({ preview }) => (
            <Text fz="sm" ff="monospace">
              {preview}
            </Text>
          ),
        },
        { key: 'state', header: t('state'), render: (secret) => <SecretStates secret={secret} /> },
        { key: 'rate', header: t('rate'), render: (secret) => rateText(secret.requestsPerMinute) },
        {
          key: 'used',
          header: t('lastUsed'),
          nowrap: true,
          render: ({ lastUsedAt }) => (lastUsedAt === null ? t('never') : format.age(lastUsedAt)),
        },
      ]}
    />
  );
}

function HowTo(): ReactNode {
  const { t } = useTranslation('machineSecrets');
  const { origin } = globalThis.location;
  return (
    <Section title={t('howTo')} hint={t('howToHint')}>
      <Stack gap="xs">
        <Text fz="sm">{t('getAt')}</Text>
        <CodeBlock text={tokenSnippet(origin)} label={t('getAt')} />
      </Stack>
      <Stack gap="xs">
        <Text fz="sm">{t('refresh')}</Text>
        <CodeBlock text={refreshSnippet(origin)} label={t('refresh')} />
      </Stack>
      <Text fz="sm" c="dimmed">
        {t('prefix')}
      </Text>
    </Section>
  );
}
