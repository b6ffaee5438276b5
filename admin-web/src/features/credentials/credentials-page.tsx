import { Badge, Stack, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../components/empty-state.tsx';
import { ImportButton } from '../../components/import-button.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { useFormat } from '../../lib/use-format.ts';
import { credentialsQuery } from './api/list-credentials.ts';
import type { Credential } from './api/list-credentials.ts';
import type { CredentialsProps } from './credentials-search.ts';

/** What the gateway presents to its upstreams. */
export function CredentialsPage(_props: CredentialsProps): ReactNode {
  const { t } = useTranslation('credentials');
  const credentials = useInfiniteQuery(credentialsQuery);
  return (
    <>
      <PageHeader title={t('title')} intro={t('intro')} actions={<ImportButton />} />
      <QueryView query={credentials}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.data);
          if (rows.length === 0) {
            return (
              <EmptyState
                icon="credentials"
                title={t('empty.title')}
                text={t('empty.text')}
                action={<ImportButton emphasis />}
              />
            );
          }
          return (
            <Stack gap="md">
              <CredentialTable credentials={rows} />
              <LoadMore query={credentials} />
            </Stack>
          );
        }}
      </QueryView>
    </>
  );
}

function CredentialTable({ credentials }: { credentials: readonly Credential[] }): ReactNode {
  const { t } = useTranslation('credentials');
  const format = useFormat();
  return (
    <ResourceTable
      caption={t('title')}
      rows={credentials}
      rowKey={(credential) => credential.id}
      columns={[
        { key: 'name', header: t('name'), render: (credential) => <CredentialName credential={credential} /> },
        { key: 'kind', header: t('kind'), nowrap: true, render: (credential) => t(`kinds.${credential.kind}`) },
        {
          key: 'state',
          header: t('state'),
          render: (credential) => <CredentialState credential={credential} />,
        },
        { key: 'tier', header: t('tier'), render: (credential) => t(`tiers.${credential.tier}`) },
        { key: 'priority', header: t('priority'), align: 'end', render: (credential) => credential.priority },
        { key: 'weight', header: t('weight'), align: 'end', render: (credential) => credential.weight },
        {
          key: 'updated',
          header: t('updated'),
          nowrap: true,
          render: (credential) => format.date(credential.updatedAt),
        },
      ]}
    />
  );
}

const STATE_COLORS = {
  invalid: 'red',
  disabled: 'gray',
  cooling: 'orange',
  unknown: 'yellow',
  exhausted: 'orange',
  active: 'green',
} as const satisfies Record<Credential['state'], string>;

/** The state, and below it which model rests and until when. */
function CredentialState({ credential }: { credential: Credential }): ReactNode {
  const { t } = useTranslation('credentials');
  const format = useFormat();
  const { state, stateModel, stateUntil } = credential;
  return (
    <Stack gap={2} align="flex-start">
      <Badge variant="light" color={STATE_COLORS[state]}>
        {t(`states.${state}`)}
      </Badge>
      {stateUntil !== null && (
        <Text fz="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {[stateModel, t('until', { time: format.shortDateTime(stateUntil) })]
            .filter((part) => part !== null)
            .join(' · ')}
        </Text>
      )}
    </Stack>
  );
}

function CredentialName({ credential }: { credential: Credential }): ReactNode {
  return (
    <Stack gap={0}>
      <Text fz="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
        {credential.name}
      </Text>
      <Text fz="xs" c="dimmed">
        {credential.upstream}
      </Text>
    </Stack>
  );
}
