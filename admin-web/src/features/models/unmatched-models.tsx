import { Button, Card, Code, Group, Select, SimpleGrid, Spoiler, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { PriceListReport } from './api/import-prices.ts';

type Row = PriceListReport['models'][number];

/** Most lists have thousands of names; no more are shown at once. */
const NAMES_AT_ONCE = 50;

/** Models that the list does not know by any of their names: somebody may say what they are called there. */
export function UnmatchedModels(props: {
  rows: readonly Row[];
  /** The list's own names. */
  names: readonly string[];
  isChecking: boolean;
  onChoose: (model: string, entry: string) => void;
}): ReactNode {
  const { t } = useTranslation('models');
  const { rows, names } = props;
  const [model, setModel] = useState<string | null>(null);
  const [entry, setEntry] = useState<string | null>(null);
  const choose = (): void => {
    if (model === null || entry === null) return;
    props.onChoose(model, entry);
    setModel(null);
    setEntry(null);
  };
  return (
    <Card withBorder padding="lg">
      <Stack gap="md">
        <Stack gap={4}>
          <Title order={2} fz={17}>
            {t('list.unmatchedTitle')}
          </Title>
          <Text fz="sm" c="dimmed">
            {t('list.unmatchedText')}
          </Text>
        </Stack>
        <Spoiler maxHeight={90} showLabel={t('showMore')} hideLabel={t('showLess')}>
          <Group gap={6}>
            {rows.map((row) => (
              <Code key={row.model} style={{ overflowWrap: 'anywhere' }}>
                {row.model}
              </Code>
            ))}
          </Group>
        </Spoiler>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Select
            label={t('list.ours')}
            placeholder={t('list.chooseModel')}
            data={rows.map((row) => row.model)}
            limit={NAMES_AT_ONCE}
            searchable
            value={model}
            onChange={setModel}
          />
          <Select
            label={t('list.theirs')}
            placeholder={t('list.chooseEntry')}
            data={names}
            limit={NAMES_AT_ONCE}
            searchable
            nothingFoundMessage={t('list.noEntry')}
            value={entry}
            onChange={setEntry}
          />
        </SimpleGrid>
        <Group justify="flex-end">
          <Button
            variant="default"
            loading={props.isChecking}
            disabled={model === null || entry === null}
            onClick={choose}
          >
            {t('list.useEntry')}
          </Button>
        </Group>
      </Stack>
    </Card>
  );
}
