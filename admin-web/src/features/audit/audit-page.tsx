import { Alert, Badge, Button, Group, Select, Stack, Table, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { DetailsDrawer } from '../../components/details-drawer.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { Facts } from '../../components/facts.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { useFormat } from '../../lib/use-format.ts';
import { auditEntriesQuery, type AuditEntry } from './api/list-audit.ts';
import { useVerifyAudit, type Verified } from './api/verify-audit.ts';
import { OUTCOMES, type AuditSearch } from './audit-search.ts';

interface AuditProps {
  search: AuditSearch;
  onSearch: (search: AuditSearch) => void;
}

/** What administrators did, and the proof that nothing of it was changed since. */
export function AuditPage({ search, onSearch }: AuditProps): ReactNode {
  const { t } = useTranslation('audit');
  const entries = useInfiniteQuery(auditEntriesQuery(search));
  const verification = useVerifyAudit();
  return (
    <>
      <PageHeader
        title={t('title')}
        intro={t('intro')}
        actions={
          <Button variant="default" loading={verification.isPending} onClick={() => verification.mutate()}>
            {t('verify')}
          </Button>
        }
      />
      <Stack gap="md">
        {verification.error ? <ErrorState error={verification.error} /> : null}
        {verification.isPending ? (
          <Text fz="sm" role="status">
            {t('checking', { checked: verification.checked })}
          </Text>
        ) : null}
        {verification.data ? <Proof verified={verification.data} /> : null}
        <Filters search={search} onSearch={onSearch} />
        <QueryView query={entries}>
          {({ pages }) => {
            const rows = pages.flatMap((page) => page.entries);
            if (rows.length === 0) return <EmptyState icon="audit" title={t('empty.title')} text={t('empty.text')} />;
            return (
              <>
                <EntryTable entries={rows} onOpen={({ sequence }) => onSearch({ ...search, entry: sequence })} />
                <LoadMore query={entries} />
                <EntryDrawer
                  entry={rows.find(({ sequence }) => sequence === search.entry) ?? null}
                  onClose={() => onSearch({ ...search, entry: undefined })}
                />
              </>
            );
          }}
        </QueryView>
      </Stack>
    </>
  );
}

function Proof({ verified }: { verified: Verified }): ReactNode {
  const { t } = useTranslation('audit');
  const { broken, checked, head, open } = verified;
  if (broken !== null) {
    return (
      <Alert color="red" variant="light" title={t('broken.title', { sequence: broken.sequence })} role="alert">
        {t('broken.text', { message: broken.message })}
      </Alert>
    );
  }
  return (
    <Alert color="green" variant="light" title={t('whole.title', { checked })} role="status">
      {t('whole.text', { open })}
      {head ? (
        <Text ff="monospace" fz="xs" mt={4} style={{ overflowWrap: 'anywhere' }}>
          {head.sequence}:{head.hash}
        </Text>
      ) : null}
    </Alert>
  );
}

function Filters({ search, onSearch }: AuditProps): ReactNode {
  const { t } = useTranslation('audit');
  const narrow = (name: 'actor' | 'action' | 'target') => (text: string) =>
    onSearch({ ...search, entry: undefined, [name]: text === '' ? undefined : text });
  return (
    <Group gap="sm">
      <SearchField label={t('actor')} value={search.actor ?? ''} onSearch={narrow('actor')} />
      <SearchField label={t('actionFilter')} value={search.action ?? ''} onSearch={narrow('action')} />
      <SearchField label={t('target')} value={search.target ?? ''} onSearch={narrow('target')} />
      <Select
        aria-label={t('outcome')}
        placeholder={t('allOutcomes')}
        clearable
        clearButtonProps={{ 'aria-label': t('allOutcomes') }}
        data={OUTCOMES.map((outcome) => ({ value: outcome, label: t(`outcomes.${outcome}`) }))}
        value={search.outcome ?? null}
        onChange={(outcome) =>
          onSearch({ ...search, entry: undefined, outcome: OUTCOMES.find((known) => known === outcome) })
        }
        style={{ flex: '0 1 170px' }}
      />
    </Group>
  );
}

const OUTCOME_COLORS = {
  begun: 'gray',
  succeeded: 'green',
  refused: 'orange',
  failed: 'red',
  unknown: 'yellow',
} as const;

function OutcomeBadge({ entry }: { entry: AuditEntry }): ReactNode {
  const { t } = useTranslation('audit');
  return (
    <Badge variant="light" color={OUTCOME_COLORS[entry.outcome]}>
      {t(`outcomes.${entry.outcome}`)}
    </Badge>
  );
}

function EntryTable(props: { entries: readonly AuditEntry[]; onOpen: (entry: AuditEntry) => void }): ReactNode {
  const { t } = useTranslation('audit');
  const format = useFormat();
  return (
    <ResourceTable
      caption={t('title')}
      rows={props.entries}
      rowKey={(entry) => String(entry.sequence)}
      onOpen={props.onOpen}
      columns={[
        { key: 'time', header: t('time'), nowrap: true, render: (entry) => format.shortDateTime(entry.time) },
        { key: 'actor', header: t('actor'), render: (entry) => entry.actor?.name ?? t('nobody') },
        {
          key: 'action',
          header: t('action'),
          render: (entry) => (
            <Text fz="sm" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
              {entry.action}
            </Text>
          ),
        },
        {
          key: 'target',
          header: t('target'),
          render: (entry) => (
            <Text fz="sm" style={{ overflowWrap: 'anywhere' }} lineClamp={2}>
              {entry.target ?? '–'}
            </Text>
          ),
        },
        { key: 'outcome', header: t('outcome'), render: (entry) => <OutcomeBadge entry={entry} /> },
      ]}
    />
  );
}

function EntryDrawer({ entry, onClose }: { entry: AuditEntry | null; onClose: () => void }): ReactNode {
  const { t } = useTranslation('audit');
  return (
    <DetailsDrawer open={entry} onClose={onClose} title={t('details')} closeLabel={t('closeDetails')}>
      {(shown) => <EntryDetails entry={shown} />}
    </DetailsDrawer>
  );
}

function EntryDetails({ entry }: { entry: AuditEntry }): ReactNode {
  const { t } = useTranslation('audit');
  const format = useFormat();
  const { actor } = entry;
  return (
    <Stack gap="lg" pb="xl">
      <Facts
        rows={[
          { label: t('outcome'), value: <OutcomeBadge entry={entry} /> },
          { label: t('time'), value: format.dateTime(entry.time) },
          { label: t('action'), value: entry.action },
          { label: t('target'), value: entry.target ?? '–' },
          { label: t('actor'), value: actor ? `${actor.name} (${actor.role}, ${actor.by})` : t('nobody') },
          { label: t('address'), value: entry.address ?? '–' },
          ...(entry.status === null ? [] : [{ label: t('status'), value: String(entry.status) }]),
          ...(entry.error_code === null ? [] : [{ label: t('errorCode'), value: entry.error_code }]),
          { label: t('request'), value: entry.request_id },
          { label: t('sequence'), value: String(entry.sequence) },
        ]}
      />
      {entry.changes.length > 0 ? <Changes entry={entry} /> : null}
      <Text fz="xs" c="dimmed" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
        {entry.hash}
      </Text>
    </Stack>
  );
}

function Changes({ entry }: { entry: AuditEntry }): ReactNode {
  const { t } = useTranslation('audit');
  return (
    <Table fz="sm" withTableBorder layout="fixed">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('field')}</Table.Th>
          <Table.Th>{t('before')}</Table.Th>
          <Table.Th>{t('after')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {entry.changes.map(({ field, before, after }) => (
          <Table.Tr key={field}>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{field}</Table.Td>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{valueText(before)}</Table.Td>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{valueText(after)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** A value of a change as a line of text. */
function valueText(value: unknown): string {
  if (value === undefined) return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
