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
                      <InUse isCurrent={version === current} isOfRoute={isOfRoute(price, model)} />
                    </Group>
                  }
                >
                  <Stack gap={6}>
                    {since ? (
                      <Text fz="xs" c="dimmed">
                        {t('versions.since', { when: format.dateTime(since), age: format.age(since) })}
                      </Text>
                    ) : null}
                    <PriceChanges before={priceBefore(versions, index, model)} after={price} />
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

/** Versions of a route's own price stand among the model's. */
function isOfRoute(price: PriceView, model: Model): boolean {
  return model.routes.some((route) => route.price && JSON.stringify(route.price) === JSON.stringify(price));
}

/** What the model cost before this version; null for the first one, and for a route's, which replaced nothing. */
function priceBefore(versions: readonly { price: PriceView }[], index: number, model: Model): PriceView | null {
  const own = versions[index];
  if (!own || isOfRoute(own.price, model)) return null;
  return versions.slice(index + 1).find(({ price }) => !isOfRoute(price, model))?.price ?? null;
}

function InUse({ isCurrent, isOfRoute: ofRoute }: { isCurrent: boolean; isOfRoute: boolean }): ReactNode {
  const { t } = useTranslation('models');
  if (isCurrent) {
    return (
      <Badge variant="light" color="green">
        {t('versions.inUse')}
      </Badge>
    );
  }
  return ofRoute ? <Badge variant="light">{t('versions.ofRoute')}</Badge> : null;
}
