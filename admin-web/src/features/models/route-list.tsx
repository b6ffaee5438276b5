import { Badge, Card, Code, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Model } from '../../lib/api/models.ts';
import { inOrder, placeOfRoute } from './model-form.ts';
import { PriceFacts } from './price-facts.tsx';
import { RoutePlace } from './route-place.tsx';

/** Who is asked for a model, in the order in which they are. */
export function RouteList({ routes }: { routes: Model['routes'] }): ReactNode {
  const { t } = useTranslation('models');
  const ordered = inOrder(routes);
  return (
    <Stack gap="sm" component="ol" p={0} m={0} style={{ listStyle: 'none' }}>
      {ordered.map((route, index) => (
        <Card key={`${index}/${route.upstream}`} component="li" withBorder padding="sm">
          <Stack gap="xs">
            <Group justify="space-between" gap="xs">
              <Text fz="sm" fw={600}>
                {route.upstream}
              </Text>
              <RoutePlace {...placeOfRoute(ordered, index)} />
            </Group>
            <Code fz={12} style={{ overflowWrap: 'anywhere', alignSelf: 'flex-start' }}>
              {route.model}
            </Code>
            <Features features={route.features} />
            {route.price ? (
              <Stack gap={6} mt={4}>
                <Text fz="sm" fw={500}>
                  {t('ownPrice')}
                </Text>
                <PriceFacts price={route.price} />
              </Stack>
            ) : null}
          </Stack>
        </Card>
      ))}
    </Stack>
  );
}

/** Only what is not as usual. */
function Features({ features = {} }: { features: Model['routes'][number]['features'] }): ReactNode {
  const { t } = useTranslation('models');
  const said = Object.entries(features).filter(([, value]) => value !== undefined);
  if (said.length === 0) return null;
  const textOf = (value: unknown): string =>
    value === true ? t('features.yes') : value === false ? t('features.no') : value === null ? '–' : String(value);
  return (
    <Group gap={6}>
      {said.map(([name, value]) => (
        <Badge key={name} variant="light" color="gray">
          {t(`features.${name}` as 'features.reasoning')}: {textOf(value)}
        </Badge>
      ))}
    </Group>
  );
}
