import { ActionIcon, Badge, Button, Code, Group, Stack, Text, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { modelsQuery, type Model } from '../../lib/api/models.ts';
import { upstreamsQuery, type Upstream } from '../../lib/api/upstreams.ts';
import { DeleteUpstream } from './delete-upstream.tsx';
import type { ModelsProps } from './models-search.ts';
import { NoUpstreams } from './no-upstreams.tsx';
import { UpstreamDialog } from './upstream-dialog.tsx';

/** Who serves models, and how they are asked. */
export function UpstreamsTab(props: ModelsProps): ReactNode {
  const { search, onSearch } = props;
  const upstreams = useQuery(upstreamsQuery);
  const models = useQuery(modelsQuery);
  const [doomed, setDoomed] = useState<Upstream | null>(null);
  const close = (): void => onSearch({ tab: 'upstreams' });
  return (
    <QueryView query={upstreams}>
      {(rows) => (
        <>
          {rows.length === 0 ? (
            <NoUpstreams onCreate={() => onSearch({ tab: 'upstreams', create: true })} />
          ) : (
            <UpstreamTable upstreams={rows} models={models.data ?? []} onDelete={setDoomed} {...props} />
          )}
          <UpstreamDialog
            upstream={rows.find(({ name }) => name === search.upstream) ?? null}
            creating={search.create === true}
            taken={rows.map(({ name }) => name)}
            onClose={close}
          />
          <DeleteUpstream upstream={doomed} models={models.data ?? []} onClose={() => setDoomed(null)} />
        </>
      )}
    </QueryView>
  );
}

function UpstreamTable(
  props: ModelsProps & {
    upstreams: readonly Upstream[];
    models: readonly Model[];
    onDelete: (upstream: Upstream) => void;
  },
): ReactNode {
  const { t } = useTranslation('models');
  return (
    <ResourceTable
      caption={t('tabs.upstreams')}
      rows={props.upstreams}
      rowKey={(upstream) => upstream.name}
      onOpen={({ name }) => props.onSearch({ tab: 'upstreams', upstream: name })}
      columns={[
        {
          key: 'name',
          header: t('upstream'),
          render: (upstream) => (
            <Text span fz="sm" fw={600}>
              {upstream.name}
            </Text>
          ),
        },
        { key: 'vendor', header: t('vendor'), render: (upstream) => t(`vendors.${upstream.vendor}`) },
        {
          key: 'format',
          header: t('format'),
          render: (upstream) => (
            <Stack gap={4} align="flex-start">
              <Text fz="sm">{t(`formats.${upstream.format}`)}</Text>
              {upstream.oauth ? <Badge variant="light">OAuth</Badge> : null}
            </Stack>
          ),
        },
        {
          key: 'baseUrl',
          header: t('baseUrl'),
          render: (upstream) => (
            <Code fz={12} style={{ overflowWrap: 'anywhere' }}>
              {upstream.baseUrl}
            </Code>
          ),
        },
        {
          key: 'models',
          header: t('tabs.models'),
          align: 'end',
          render: (upstream) => modelsOf(props.models, upstream.name).length,
        },
      ]}
      actionsLabel={t('actions')}
      actions={(upstream) => <UpstreamActions upstream={upstream} onDelete={() => props.onDelete(upstream)} />}
    />
  );
}

function UpstreamActions({ upstream, onDelete }: { upstream: Upstream; onDelete: () => void }): ReactNode {
  const { t } = useTranslation('models');
  return (
    <Group gap="xs" justify="flex-end" wrap="nowrap">
      <Button
        size="xs"
        variant="default"
        renderRoot={(root) => <Link to="/credentials" search={{ upstream: upstream.name }} {...root} />}
      >
        {t('credentials')}
      </Button>
      <Tooltip label={t('deleteUpstream.button')}>
        <ActionIcon
          variant="subtle"
          color="red"
          size="lg"
          aria-label={t('deleteUpstream.named', { name: upstream.name })}
          onClick={onDelete}
        >
          <Icon name="trash" />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}

function modelsOf(models: readonly Model[], upstream: string): Model[] {
  return models.filter((model) => model.routes.some((route) => route.upstream === upstream));
}
