import { Select } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { usageStatsQuery, type StatsQuestion } from '../../../lib/api/usage-stats.ts';
import type { UsageFilter } from '../usage-search.ts';

const GROUPING: Record<keyof UsageFilter, NonNullable<StatsQuestion['groupBy']>> = {
  model: 'model',
  key: 'key',
  user: 'user',
  upstream: 'upstream',
  credential: 'credential',
  app: 'client_app',
  format: 'config_type',
};
/** Those that used most in so many days are offered; others can be typed. */
const OFFERED = { days: 30, top: 100 };
const DAY_MS = 24 * 3_600_000;
const TYPING_MS = 200;

interface MemberSelectProps {
  name: keyof UsageFilter;
  scope: 'all' | 'own';
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

/** Narrows to one model, key, user … that was used lately, or whose name or id is typed. Asked when it is opened. */
export function MemberSelect({ name, scope, value, onChange }: MemberSelectProps): ReactNode {
  const { t } = useTranslation('usage');
  const [opened, setOpened] = useState(false);
  const [typed, setTyped] = useState('');
  const [since] = useState(() => new Date(Date.now() - OFFERED.days * DAY_MS).toISOString());
  const note = useDebouncedCallback((text: string) => setTyped(text.trim()), TYPING_MS);
  const { data, isFetching } = useQuery({
    ...usageStatsQuery({ scope, startDate: since, groupBy: GROUPING[name], top: OFFERED.top }),
    enabled: opened,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });
  const options = new Map<string, string>();
  for (const group of data?.groups ?? []) if (group.id !== '') options.set(group.id, group.name ?? group.id);
  for (const one of [value, typed]) if (one && !options.has(one) && !isNameOf(options, one)) options.set(one, one);
  return (
    <Select
      label={t(`filters.${name}`)}
      placeholder={t('filters.any')}
      data={[...options].map(([id, label]) => ({ value: id, label }))}
      value={value ?? null}
      onChange={(chosen) => onChange(chosen ?? undefined)}
      onDropdownOpen={() => setOpened(true)}
      onSearchChange={note}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('filters.clear', { name: t(`filters.${name}`) }) }}
      nothingFoundMessage={isFetching ? t('filters.loading') : t('filters.none')}
      comboboxProps={{ withinPortal: true }}
    />
  );
}

function isNameOf(options: ReadonlyMap<string, string>, text: string): boolean {
  return [...options.values()].includes(text);
}
