import { Collapse, Stack, Switch, Text } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { FoldButton } from './fold-button.tsx';
import type { ModelForm } from './model-form.ts';
import { hasMore, type PriceForm } from './price-form.ts';
import { PartFields } from './part-fields.tsx';
import { MORE_RATES, PIECES, TEXT_RATES } from './price-parts.ts';
import { TiersFields } from './tiers-fields.tsx';

type Form = UseFormReturnType<ModelForm>;

/** A switch for having a price, and the price. `path` is what stands before `price`: `routes.0.` or nothing. */
export function PriceSwitch(props: {
  form: Form;
  path: '' | `routes.${number}.`;
  label: string;
  hint: string;
  isOn: boolean;
  price: PriceForm;
}): ReactNode {
  const { form, path, isOn } = props;
  return (
    <Stack gap="md">
      <Switch
        label={props.label}
        description={props.hint}
        {...form.getInputProps(`${path}hasPrice`, { type: 'checkbox' })}
      />
      <Collapse expanded={isOn}>
        {isOn ? <PriceFields form={form} path={`${path}price`} price={props.price} /> : null}
      </Collapse>
    </Stack>
  );
}

function PriceFields({ form, path, price }: { form: Form; path: string; price: PriceForm }): ReactNode {
  const { t } = useTranslation('models');
  const { class: kind } = form.values;
  const [more, setMore] = useState(hasMore(price) || kind === 'image' || kind === 'video');
  return (
    <Stack gap="md">
      <Text fz="sm" fw={600}>
        {t('textTokens')}
      </Text>
      <PartFields form={form} path={path} parts={TEXT_RATES} />
      <FoldButton isOpen={more} onToggle={() => setMore(!more)} text={t('priceMore')} />
      <Collapse expanded={more}>
        <Stack gap="md">
          <Text fz="sm" fw={600}>
            {t('otherTokens')}
          </Text>
          <PartFields form={form} path={path} parts={MORE_RATES} />
          <Text fz="sm" fw={600}>
            {t('pieces')}
          </Text>
          <PartFields form={form} path={path} parts={PIECES} />
          <TiersFields form={form} path={`${path}.tiers`} tiers={price.tiers} />
        </Stack>
      </Collapse>
    </Stack>
  );
}
