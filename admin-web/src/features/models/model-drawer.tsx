import { Button, Drawer, Group, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '../../components/copy-button.tsx';
import { Facts } from '../../components/facts.tsx';
import { Icon } from '../../components/icon.tsx';
import type { Model } from '../../lib/api/models.ts';
import { useFormat } from '../../lib/use-format.ts';
import { DeleteModel } from './delete-model.tsx';
import { PriceFacts } from './price-facts.tsx';
import { PriceTimeline } from './price-timeline.tsx';
import { RouteList } from './route-list.tsx';

/** One model: how it is served, what it costs and cost before, where it is used. Open while there is a name. */
export function ModelDrawer(props: {
  name: string | null;
  models: readonly Model[];
  onEdit: () => void;
  onClose: () => void;
}): ReactNode {
  const { t } = useTranslation('models');
  const { name, models, onClose } = props;
  // The last model is kept, so that the drawer does not empty while it slides out.
  const [shown, setShown] = useState(name);
  if (name !== null && name !== shown) setShown(name);
  const model = models.find((one) => one.name === shown);
  return (
    <Drawer
      opened={name !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={t('details')}
      closeButtonProps={{ 'aria-label': t('closeDetails') }}
    >
      {model ? (
        <ModelDetails key={model.name} model={model} onEdit={props.onEdit} onDeleted={onClose} />
      ) : (
        <Text fz="sm">{t('gone', { name: shown ?? '' })}</Text>
      )}
    </Drawer>
  );
}

function ModelDetails(props: { model: Model; onEdit: () => void; onDeleted: () => void }): ReactNode {
  const { t } = useTranslation('models');
  const { model } = props;
  return (
    <Stack gap="xl" pb="xl">
      <Summary model={model} />
      <Group gap="sm">
        <Button onClick={props.onEdit}>{t('edit')}</Button>
        <Button
          variant="default"
          leftSection={<Icon name="chat" size={16} />}
          renderRoot={(root) => <Link to="/playground" search={{ model: model.name }} {...root} />}
        >
          {t('tryIt')}
        </Button>
        <Button
          variant="default"
          leftSection={<Icon name="usage" size={16} />}
          renderRoot={(root) => <Link to="/usage" search={{ model: model.name }} {...root} />}
        >
          {t('seeUsage')}
        </Button>
      </Group>
      <Section title={t('routes')}>
        <RouteList routes={model.routes} />
      </Section>
      <Section title={t('presentPrice')}>
        {model.price === null ? (
          <Text fz="sm" c="dimmed">
            {t('noPriceText')}
          </Text>
        ) : (
          <PriceFacts price={model.price} />
        )}
      </Section>
      <Section title={t('versions.title')}>
        <PriceTimeline model={model} />
      </Section>
      <Section title={t('delete.section')}>
        <DeleteModel name={model.name} onDeleted={props.onDeleted} />
      </Section>
    </Stack>
  );
}

function Summary({ model }: { model: Model }): ReactNode {
  const { t } = useTranslation('models');
  const format = useFormat();
  const when = (time: string): ReactNode => <span title={format.dateTime(time)}>{format.age(time)}</span>;
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="sm" align="flex-start">
        <Title order={2} fz={20} style={{ overflowWrap: 'anywhere', flex: '1 1 200px' }}>
          {model.name}
        </Title>
        <CopyButton value={model.name} />
      </Group>
      <Facts
        rows={[
          { label: t('class'), value: t(`classes.${model.class}`) },
          {
            label: t('maxOutputTokens'),
            value: model.maxOutputTokens === null ? t('unknown') : format.count(model.maxOutputTokens),
          },
          { label: t('created'), value: when(model.createdAt) },
          { label: t('updated'), value: when(model.updatedAt) },
        ]}
      />
    </Stack>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }): ReactNode {
  return (
    <Stack gap="md">
      <Title order={3} fz={15}>
        {title}
      </Title>
      {children}
    </Stack>
  );
}
