import {
  Accordion,
  Autocomplete,
  MultiSelect,
  NumberInput,
  SimpleGrid,
  Stack,
  TagsInput,
  Text,
  Textarea,
} from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { callableModelsQuery } from '../../lib/api/callable-models.ts';
import { upstreamsQuery } from '../../lib/api/upstreams.ts';
import { LIMIT_FIELDS, type KeyForm, type LimitField } from './key-form.ts';
import { NoteFields } from './note-fields.tsx';

export const SECTIONS = ['limits', 'restrictions', 'notes'] as const;
export type Section = (typeof SECTIONS)[number];

/** The sections that hold any of these fields. */
export function sectionsOf(fields: Iterable<keyof KeyForm>): Section[] {
  const found = new Set<Section>();
  for (const field of fields) {
    if (LIMIT_FIELDS.some((limit) => limit === field)) found.add('limits');
    if (field === 'allowedIps' || field === 'channel' || field === 'secret') found.add('restrictions');
    if (field === 'description' || field === 'metadata') found.add('notes');
  }
  return [...found];
}

interface FieldsProps {
  form: UseFormReturnType<KeyForm>;
  /** May know the upstreams. */
  operator: boolean;
  open: Section[];
  onOpen: (sections: Section[]) => void;
  /** At the end of the restrictions. */
  extra?: ReactNode;
}

/** What most keys do not need, folded. */
export function AdvancedFields({ form, operator, open, onOpen, extra }: FieldsProps): ReactNode {
  const { t } = useTranslation('keys');
  return (
    <Accordion
      multiple
      variant="separated"
      value={open}
      onChange={(sections) => onOpen(SECTIONS.filter((section) => sections.includes(section)))}
    >
      <Panel section="limits">
        <Text c="dimmed" fz="sm" mb="sm">
          {t('limitsHint')}
        </Text>
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          {LIMIT_FIELDS.map((field) => (
            <LimitInput key={field} field={field} form={form} />
          ))}
        </SimpleGrid>
      </Panel>
      <Panel section="restrictions">
        <Stack gap="md">
          <TagsInput
            label={t('allowedIps')}
            description={t('allowedIpsHint')}
            placeholder="203.0.113.0/24"
            splitChars={[',', ' ']}
            acceptValueOnBlur
            {...form.getInputProps('allowedIps')}
          />
          <ChannelField form={form} operator={operator} />
          {extra}
        </Stack>
      </Panel>
      <Panel section="notes">
        <Stack gap="md">
          <Textarea
            label={t('description')}
            maxLength={500}
            autosize
            minRows={2}
            {...form.getInputProps('description')}
          />
          <NoteFields form={form} />
        </Stack>
      </Panel>
    </Accordion>
  );
}

function Panel({ section, children }: { section: Section; children: ReactNode }): ReactNode {
  const { t } = useTranslation('keys');
  return (
    <Accordion.Item value={section}>
      <Accordion.Control>
        <Text fw={600} fz="sm">
          {t(`sections.${section}.title`)}
        </Text>
        <Text c="dimmed" fz="xs">
          {t(`sections.${section}.text`)}
        </Text>
      </Accordion.Control>
      <Accordion.Panel>{children}</Accordion.Panel>
    </Accordion.Item>
  );
}

function LimitInput({ field, form }: { field: LimitField; form: UseFormReturnType<KeyForm> }): ReactNode {
  const { t } = useTranslation('keys');
  const isMoney = field === 'budgetPerMonth';
  return (
    <NumberInput
      label={t(`limitFields.${field}`)}
      placeholder={t('unlimited')}
      min={0}
      allowNegative={false}
      allowDecimal={isMoney}
      decimalScale={isMoney ? 6 : 0}
      thousandSeparator=","
      {...(isMoney ? { prefix: '$' } : {})}
      hideControls
      {...form.getInputProps(field)}
    />
  );
}

function ChannelField({ form, operator }: { form: UseFormReturnType<KeyForm>; operator: boolean }): ReactNode {
  const { t } = useTranslation('keys');
  const { data: upstreams = [] } = useQuery({ ...upstreamsQuery, enabled: operator });
  const channels = upstreams.map(({ name }) => name);
  return (
    <Autocomplete
      label={t('channel')}
      description={t('channelHint')}
      placeholder={t('anyChannel')}
      data={[...new Set(channels)].toSorted()}
      {...form.getInputProps('channel')}
    />
  );
}

/** Of the models that there are, and those that the key names already. */
export function ModelsField({ form }: { form: UseFormReturnType<KeyForm> }): ReactNode {
  const { t } = useTranslation('keys');
  const { data: models = [] } = useQuery(callableModelsQuery);
  const names = new Set([...models.map(({ name }) => name), ...form.getValues().models]);
  return (
    <MultiSelect
      label={t('models')}
      description={t('modelsHint')}
      placeholder={form.getValues().models.length === 0 ? t('allModels') : undefined}
      data={[...names]}
      searchable
      limit={100}
      nothingFoundMessage={t('noSuchModel')}
      clearable
      clearButtonProps={{ 'aria-label': t('clearModels') }}
      hidePickedOptions
      {...form.getInputProps('models')}
    />
  );
}
