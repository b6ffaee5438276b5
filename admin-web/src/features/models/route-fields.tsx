import {
  ActionIcon,
  Card,
  Collapse,
  Group,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import type { Upstream } from '../../lib/api/upstreams.ts';
import { FeaturesFields } from './features-fields.tsx';
import { FoldButton } from './fold-button.tsx';
import { placeOfRoute, type ModelForm } from './model-form.ts';
import { PriceSwitch } from './price-fields.tsx';
import { featuresOf } from './route-features.ts';
import { RoutePlace } from './route-place.tsx';

interface FieldsProps {
  form: UseFormReturnType<ModelForm>;
  index: number;
  upstreams: readonly Upstream[];
  onMove: (to: number) => void;
  onRemove: () => void;
}

/** One way to serve the model. */
export function RouteFields(props: FieldsProps): ReactNode {
  const { t } = useTranslation('models');
  const { form, index, upstreams } = props;
  const route = form.values.routes[index];
  const [more, setMore] = useState(route !== undefined && (route.hasPrice || featuresOf(route.features) !== undefined));
  if (!route) return null;
  const path = `routes.${index}` as const;
  return (
    <Card withBorder padding="md" role="group" aria-label={t('routeNumber', { number: index + 1 })}>
      <Stack gap="md">
        <RouteHead {...props} />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Select
            label={t('upstream')}
            placeholder={t('chooseUpstream')}
            data={upstreams.map(({ name }) => name)}
            searchable
            allowDeselect={false}
            {...form.getInputProps(`${path}.upstream`)}
          />
          <TextInput
            label={t('upstreamModel')}
            placeholder="gpt-5-2025-08-07"
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
            {...form.getInputProps(`${path}.model`)}
          />
        </SimpleGrid>
        <SimpleGrid cols={2}>
          <NumberInput
            label={t('priority')}
            description={t('priorityHint')}
            placeholder="0"
            min={0}
            max={1000}
            allowDecimal={false}
            allowNegative={false}
            {...form.getInputProps(`${path}.priority`)}
          />
          <NumberInput
            label={t('weight')}
            description={t('weightHint')}
            placeholder="1"
            min={0}
            max={1000}
            decimalScale={3}
            allowNegative={false}
            {...form.getInputProps(`${path}.weight`)}
          />
        </SimpleGrid>
        <FoldButton isOpen={more} onToggle={() => setMore(!more)} text={t('routeMore')} />
        <Collapse expanded={more}>
          <Stack gap="lg">
            <PriceSwitch
              form={form}
              path={`${path}.`}
              label={t('routeHasPrice')}
              hint={t('routeHasPriceHint')}
              isOn={route.hasPrice}
              price={route.price}
            />
            <FeaturesFields form={form} path={`${path}.features`} features={route.features} />
          </Stack>
        </Collapse>
      </Stack>
    </Card>
  );
}

function RouteHead({ form, index, onMove, onRemove }: FieldsProps): ReactNode {
  const { t } = useTranslation('models');
  const { routes } = form.values;
  const number = index + 1;
  return (
    <Group justify="space-between" gap="xs">
      <Group gap="sm">
        <Text fz="sm" fw={600}>
          {t('routeNumber', { number })}
        </Text>
        <RoutePlace {...placeOfRoute(routes, index)} />
      </Group>
      <Group gap={4} wrap="nowrap">
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={t('moveUp', { number })}
          disabled={index === 0}
          onClick={() => onMove(index - 1)}
        >
          <Icon name="up" />
        </ActionIcon>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={t('moveDown', { number })}
          disabled={index === routes.length - 1}
          onClick={() => onMove(index + 1)}
        >
          <Icon name="down" />
        </ActionIcon>
        <ActionIcon
          variant="subtle"
          color="red"
          size="lg"
          aria-label={t('removeRoute', { number })}
          disabled={routes.length === 1}
          onClick={onRemove}
        >
          <Icon name="trash" />
        </ActionIcon>
      </Group>
    </Group>
  );
}
