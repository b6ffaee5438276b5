import { Alert, Anchor, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import { modelsQuery } from '../../lib/api/models.ts';
import { useApplyPrices, useCheckPrices } from './api/import-prices.ts';
import type { ModelsProps } from './models-search.ts';
import type { PriceList } from './price-list.ts';
import { PriceListForm } from './price-list-form.tsx';
import { PriceListReportView } from './price-list-report.tsx';

/** Prices of many models from a public list: looked at first, then written. */
export function PricesTab({ onSearch }: Pick<ModelsProps, 'onSearch'>): ReactNode {
  const check = useCheckPrices();
  const apply = useApplyPrices();
  const [list, setList] = useState<PriceList | null>(null);
  const [choices, setChoices] = useState<Readonly<Record<string, string>>>({});
  const look = (chosen: PriceList, names: Readonly<Record<string, string>>): void => {
    apply.reset();
    setList(chosen);
    setChoices(names);
    check.mutate({ list: chosen, models: names });
  };
  const restart = (): void => {
    check.reset();
    apply.reset();
    setList(null);
    setChoices({});
  };
  return (
    <Stack gap="lg">
      <Unpriced onSearch={onSearch} />
      {check.data && list ? (
        <PriceListReportView
          checked={check.data}
          names={Object.keys(list)}
          choices={choices}
          isChecking={check.isPending}
          error={apply.error ?? check.error}
          applied={apply.data ?? null}
          isApplying={apply.isPending}
          onChoose={(model, entry) => look(list, withChoice(choices, model, entry))}
          onApply={() => apply.mutate({ list, models: choices })}
          onRestart={restart}
          onModels={() => onSearch({})}
        />
      ) : (
        <PriceListForm isPending={check.isPending} error={check.error} onCheck={(chosen) => look(chosen, {})} />
      )}
    </Stack>
  );
}

function withChoice(choices: Readonly<Record<string, string>>, model: string, entry: string | null) {
  const { [model]: _old, ...others } = choices;
  return entry === null ? others : { ...others, [model]: entry };
}

const MOST_NAMED = 6;

/** Models that cost nothing because nobody said what they cost. */
function Unpriced({ onSearch }: Pick<ModelsProps, 'onSearch'>): ReactNode {
  const { t } = useTranslation('models');
  const models = useQuery(modelsQuery);
  const names = (models.data ?? []).filter(({ price }) => price === null).map(({ name }) => name);
  if (names.length === 0) return null;
  return (
    <Alert
      color="yellow"
      variant="light"
      icon={<Icon name="alert" />}
      title={t('unpriced.title', { count: names.length })}
    >
      <Stack gap="xs">
        <Text fz="sm">{t('unpriced.text')}</Text>
        <Group gap="sm">
          {names.slice(0, MOST_NAMED).map((name) => (
            <Anchor
              key={name}
              component="button"
              type="button"
              fz="sm"
              onClick={() => onSearch({ model: name, edit: true })}
              style={{ overflowWrap: 'anywhere' }}
            >
              {name}
            </Anchor>
          ))}
          {names.length > MOST_NAMED ? (
            <Text fz="sm">{t('unpriced.more', { count: names.length - MOST_NAMED })}</Text>
          ) : null}
        </Group>
      </Stack>
    </Alert>
  );
}
