import { Badge, Group, Stack, Text, Timeline } from '@mantine/core';
import type { PriceView } from '@sluice/contract/prices';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { QueryView } from '../../components/query-view.tsx';
import type { Model } from '../../lib/api/models.ts';
import { useFormat } from '../../lib/use-format.ts';
import { priceVersionsQuery } from './api/price-versions.ts';
import { PriceChanges } from './price-changes.tsx';

/** Every price that a model ever had, the newest first, each beside the one before it. */
export function PriceTimeline({ model }: { model: Model }): ReactNode {
  const { t } = useTranslation('models');
  const format = useFormat();
  const answer = useQuery(priceVersionsQuery(model.name));
  return (
    <QueryView query={answer} skeleton={[60]}>
      {({ current, versions }) =>
        versions.length === 0 ? (
          <Text fz="sm" c="dimmed">
            {t('versions.none')}
          </Text>
        ) : (
          <Stack gap="md">
            <Text fz="sm" c="dimmed">
              {t('versions.hint')}
            </Text>
            <Timeline bulletSize={14} lineWidth={2} active={-1}>
              {versions.map(({ version, price, since }, index) => (
                <Timeline.Item
                  key={version}
                  title={
                    <Group gap="xs">
                      <Text fz="sm" fw={600}>
                        {t('versions.version', { version })}
                      </Text>
                      <InUse isCurrent={version === current} price={price} model={model} />
                    </Group>
                  }
                >
                  <Stack gap={6}>
                    {since ? (
                      <Text fz="xs" c="dimmed">
                        {t('versions.since', { when: format.dateTime(since), age: format.age(since) })}
                      </Text>
                    ) : null}
                    <PriceChanges before={versions[index + 1]?.price ?? null} after={price} />
                  </Stack>
                </Timeline.Item>
              ))}
            </Timeline>
          </Stack>
        )
      }
    </QueryView>
  );
}

function InUse({ isCurrent, price, model }: { isCurrent: boolean; price: PriceView; model: Model }): ReactNode {
  const { t } = useTranslation('models');
  const isOfRoute = model.routes.some((route) => route.price && JSON.stringify(route.price) === JSON.stringify(price));
  if (isCurrent) {
    return (
      <Badge variant="light" color="green">
        {t('versions.inUse')}
      </Badge>
    );
  }
  return isOfRoute ? <Badge variant="light">{t('versions.ofRoute')}</Badge> : null;
}
