import { Badge, Box, Code, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ResourceTable } from '../../components/resource-table.tsx';
import type { Model } from '../../lib/api/models.ts';
import { useFormat } from '../../lib/use-format.ts';
import { inOrder } from './model-form.ts';

const MOST_ROUTES = 3;

export function ModelTable(props: { models: readonly Model[]; onOpen: (model: Model) => void }): ReactNode {
  const { t } = useTranslation('models');
  const format = useFormat();
  return (
    <ResourceTable
      caption={t('tabs.models')}
      rows={props.models}
      rowKey={(model) => model.name}
      onOpen={props.onOpen}
      columns={[
        {
          key: 'name',
          header: t('name'),
          render: (model) => (
            <Text span fz="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
              {model.name}
            </Text>
          ),
        },
        {
          key: 'class',
          header: t('class'),
          render: (model) => <Badge variant="light">{t(`classes.${model.class}`)}</Badge>,
        },
        { key: 'routes', header: t('servedBy'), render: (model) => <Routes model={model} /> },
        { key: 'price', header: t('price'), align: 'end', render: (model) => <MainPrices model={model} /> },
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
  const { t } = useTranslation('models');
  const rest = model.routes.length - MOST_ROUTES;
  return (
    <Stack gap={4}>
      {inOrder(model.routes)
        .slice(0, MOST_ROUTES)
        .map((route, index) => (
          <Box key={`${index}/${route.upstream}/${route.model}`} fz="sm">
            {route.upstream}{' '}
            <Code fz={12} style={{ overflowWrap: 'anywhere' }}>
              {route.model}
            </Code>
          </Box>
        ))}
      {rest > 0 ? (
        <Text fz="xs" c="dimmed">
          {t('moreRoutes', { count: rest })}
        </Text>
      ) : null}
    </Stack>
  );
}

/** What most requests of its kind are paid by. */
function MainPrices({ model }: { model: Model }): ReactNode {
  const { t } = useTranslation('models');
  const format = useFormat();
  const { price } = model;
  if (price === null) {
    return (
      <Badge variant="light" color="yellow">
        {t('noPrice')}
      </Badge>
    );
  }
  const { inputPerMillion: input, outputPerMillion: output, perImage, perVideoSecond } = price;
  const lines = [
    ...(input > 0 || output > 0
      ? [t('priceText', { input: format.dollars(input), output: format.dollars(output) })]
      : []),
    ...(perImage ? [t('pricePerImage', { price: format.dollars(perImage) })] : []),
    ...(perVideoSecond ? [t('pricePerSecond', { price: format.dollars(perVideoSecond) })] : []),
  ];
  return (
    <Stack gap={2}>
      {(lines.length > 0 ? lines : [t('free')]).map((line) => (
        <Text key={line} fz="sm" style={{ whiteSpace: 'nowrap' }}>
          {line}
        </Text>
      ))}
    </Stack>
  );
}
