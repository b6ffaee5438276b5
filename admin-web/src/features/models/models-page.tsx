import { Badge, Box, Code, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../components/empty-state.tsx';
import { ImportButton } from '../../components/import-button.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { modelsQuery } from '../../lib/api/models.ts';
import type { Model } from '../../lib/api/models.ts';
import { useFormat } from '../../lib/use-format.ts';

/** The public models, who serves them, and what they cost. */
export function ModelsPage(): ReactNode {
  const { t } = useTranslation('models');
  const models = useQuery(modelsQuery);
  return (
    <>
      <PageHeader title={t('title')} intro={t('intro')} actions={<ImportButton />} />
      <QueryView query={models}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState
              icon="models"
              title={t('empty.title')}
              text={t('empty.text')}
              action={<ImportButton emphasis />}
            />
          ) : (
            <ModelTable models={rows} />
          )
        }
      </QueryView>
    </>
  );
}

function ModelTable({ models }: { models: readonly Model[] }): ReactNode {
  const { t } = useTranslation('models');
  const format = useFormat();
  return (
    <ResourceTable
      caption={t('title')}
      rows={models}
      rowKey={(model) => model.name}
      columns={[
        {
          key: 'name',
          header: t('name'),
          render: (model) => (
            <Text fz="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
              {model.name}
            </Text>
          ),
        },
        {
          key: 'class',
          header: t('class'),
          render: (model) => <Badge variant="light">{t(`classes.${model.class}`)}</Badge>,
        },
        { key: 'routes', header: t('routes'), render: (model) => <Routes model={model} /> },
        {
          key: 'price',
          header: t('price'),
          align: 'end',
          nowrap: true,
          render: (model) => <PriceText model={model} />,
        },
        {
          key: 'maxOutput',
          header: t('maxOutput'),
          align: 'end',
          render: (model) => (model.maxOutputTokens === null ? '–' : format.compact(model.maxOutputTokens)),
        },
      ]}
    />
  );
}

function Routes({ model }: { model: Model }): ReactNode {
  return (
    <Stack gap={4}>
      {model.routes.map((route) => (
        <Box key={`${route.upstream}/${route.model}`} fz="sm">
          {route.upstream}{' '}
          <Code fz={12} style={{ overflowWrap: 'anywhere' }}>
            {route.model}
          </Code>
        </Box>
      ))}
    </Stack>
  );
}

function PriceText({ model }: { model: Model }): ReactNode {
  const { t } = useTranslation('models');
  const format = useFormat();
  if (!model.price)
    return (
      <Text c="dimmed" fz="sm">
        {t('noPrice')}
      </Text>
    );
  return (
    <Text fz="sm">
      {t('priceText', {
        input: format.dollars(model.price.inputPerMillion),
        output: format.dollars(model.price.outputPerMillion),
      })}
    </Text>
  );
}
