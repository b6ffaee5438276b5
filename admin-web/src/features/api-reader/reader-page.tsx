import { Anchor, Button, Card, Group, Select, Stack, Text, Title, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../components/empty-state.tsx';
import { NoMatch } from '../../components/no-match.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { ApiError } from '../../lib/api-client.ts';
import { may, useSession } from '../../lib/api/session.ts';
import { openApiQuery, type ApiDocument } from './api/openapi.ts';
import { MethodBadge } from './method-badge.tsx';
import { OperationDrawer } from './operation-drawer.tsx';
import { byTag, findOperations, operationsOf, type Operation } from './operations.ts';
import type { ReaderSearch } from './reader-search.ts';

interface PageProps {
  search: ReaderSearch;
  onSearch: (search: ReaderSearch) => void;
}

/** Every call of the gateway's API, to be searched and read. */
export function ReaderPage({ search, onSearch }: PageProps): ReactNode {
  const { t } = useTranslation('apiReader');
  const document = useQuery(openApiQuery);
  const isOff = document.error instanceof ApiError && document.error.status === 404;
  return (
    <>
      <PageHeader
        title={t('title')}
        intro={t('intro')}
        {...(document.data
          ? {
              actions: (
                <Anchor href="/api/openapi.json" target="_blank" rel="noreferrer" fz="sm">
                  OpenAPI 3.1 (JSON)
                </Anchor>
              ),
            }
          : {})}
      />
      {isOff ? (
        <SwitchedOff />
      ) : (
        <QueryView query={document} skeleton={[36, 120, 120, 120]}>
          {(data) => <Reader document={data} search={search} onSearch={onSearch} />}
        </QueryView>
      )}
    </>
  );
}

function SwitchedOff(): ReactNode {
  const { t } = useTranslation('apiReader');
  const { data: session } = useSession();
  const mayChange = may(session, 'settings:manage');
  return (
    <EmptyState
      icon="docs"
      title={t('off.title')}
      text={t(mayChange ? 'off.operator' : 'off.user')}
      action={
        mayChange ? (
          <Button renderRoot={(props) => <Link to="/settings" {...props} />}>{t('off.settings')}</Button>
        ) : null
      }
    />
  );
}

function Reader({ document, search, onSearch }: PageProps & { document: ApiDocument }): ReactNode {
  const { t } = useTranslation('apiReader');
  const operations = useMemo(() => operationsOf(document), [document]);
  const tags = useMemo(() => [...byTag(operations).keys()].toSorted(), [operations]);
  const found = findOperations(operations, search.q ?? '').filter(
    ({ tag }) => search.tag === undefined || tag === search.tag,
  );
  const open = operations.find(({ id }) => id === search.op) ?? null;
  return (
    <>
      <Group mb="md" gap="sm">
        <SearchField
          label={t('search')}
          value={search.q ?? ''}
          onSearch={(text) => onSearch({ ...search, q: text === '' ? undefined : text })}
        />
        <Select
          aria-label={t('tag')}
          placeholder={t('anyTag')}
          data={tags}
          value={search.tag ?? null}
          onChange={(tag) => onSearch({ ...search, tag: tag ?? undefined })}
          clearable
          clearButtonProps={{ 'aria-label': t('clear') }}
          searchable
          style={{ flex: '0 1 240px' }}
        />
        <Text fz="sm" c="dimmed" aria-live="polite">
          {t('found', { count: found.length })}
        </Text>
      </Group>
      {found.length === 0 ? (
        <NoMatch
          icon="docs"
          title={t('noMatch.title')}
          text={t('noMatch.text')}
          clearLabel={t('clear')}
          onClear={() => onSearch({})}
        />
      ) : (
        <Stack gap="lg">
          {[...byTag(found)].map(([tag, group]) => (
            <TagGroup key={tag} tag={tag} operations={group} onOpen={({ id }) => onSearch({ ...search, op: id })} />
          ))}
        </Stack>
      )}
      <OperationDrawer
        operation={open}
        schemas={document.components.schemas}
        onClose={() => onSearch({ ...search, op: undefined })}
      />
    </>
  );
}

interface GroupProps {
  tag: string;
  operations: readonly Operation[];
  onOpen: (operation: Operation) => void;
}

function TagGroup({ tag, operations, onOpen }: GroupProps): ReactNode {
  return (
    <Stack gap="xs" component="section" aria-label={tag}>
      <Title order={2} fz={16}>
        {tag}
      </Title>
      <Card withBorder p={0}>
        {operations.map((operation, index) => (
          <UnstyledButton
            key={operation.id}
            onClick={() => onOpen(operation)}
            px="md"
            py="sm"
            style={index === 0 ? {} : { borderTop: '1px solid var(--mantine-color-default-border)' }}
          >
            <Group gap="sm" align="baseline" wrap="nowrap">
              <MethodBadge method={operation.method} />
              <Stack gap={0} miw={0}>
                <Text fz="sm" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
                  {operation.path}
                </Text>
                <Text fz="sm" c="dimmed">
                  {operation.summary}
                </Text>
              </Stack>
            </Group>
          </UnstyledButton>
        ))}
      </Card>
    </Stack>
  );
}
