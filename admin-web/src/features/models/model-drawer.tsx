import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { DetailsDrawer } from '../../components/details-drawer.tsx';
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
  const { name, onClose } = props;
  return (
    <DetailsDrawer open={name} onClose={onClose} title={t('details')} closeLabel={t('closeDetails')}>
      {(shown) => <ModelOf {...props} name={shown} />}
    </DetailsDrawer>
  );
}

function ModelOf(props: {
  name: string;
  models: readonly Model[];
  onEdit: () => void;
  onClose: () => void;
}): ReactNode {
  const { t } = useTranslation('models');
  const model = props.models.find((one) => one.name === props.name);
  if (!model) return <Text fz="sm">{t('gone', { name: props.name })}</Text>;
  return <ModelDetails key={model.name} model={model} onEdit={props.onEdit} onDeleted={props.onClose} />;
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
      <Title order={3} fz={16}>
        {title}
      </Title>
      {children}
    </Stack>
  );
}
