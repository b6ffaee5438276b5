import { Group, Select, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { PERIODS, type UsageSearch } from '../usage-search.ts';

interface PeriodSelectProps {
  search: UsageSearch;
  onSearch: (search: UsageSearch) => void;
  /** What the period is where the address says nothing; null: all that is kept. */
  usual: '24h' | null;
}

const ALL = 'all';

/** The time that is looked at: up to now, or between two days. */
export function PeriodSelect({ search, onSearch, usual }: PeriodSelectProps): ReactNode {
  const { t } = useTranslation('usage');
  const value = search.period ?? usual ?? ALL;
  const change = (next: Partial<UsageSearch>): void => onSearch({ ...search, request: undefined, ...next });
  const choose = (chosen: string | null): void => {
    const period = PERIODS.find((known) => known === chosen);
    const isUsual = period === undefined || period === usual;
    change({ period: isUsual ? undefined : period, ...(period === 'custom' ? daysOf(search) : NO_DAYS) });
  };
  return (
    <Group gap="sm" align="flex-end">
      <Select
        aria-label={t('period.label')}
        allowDeselect={false}
        data={[
          ...(usual === null ? [{ value: ALL, label: t('period.all') }] : []),
          ...PERIODS.map((period) => ({ value: period, label: t(`period.${period}`) })),
        ]}
        value={value}
        onChange={choose}
        w={170}
      />
      {value === 'custom' ? (
        <Group gap="xs">
          <TextInput
            type="date"
            aria-label={t('period.from')}
            value={search.from ?? ''}
            max={search.to}
            onChange={(event) => change({ from: event.currentTarget.value || undefined })}
          />
          <TextInput
            type="date"
            aria-label={t('period.to')}
            value={search.to ?? ''}
            min={search.from}
            onChange={(event) => change({ to: event.currentTarget.value || undefined })}
          />
        </Group>
      ) : null}
    </Group>
  );
}

const NO_DAYS = { from: undefined, to: undefined };
const WEEK_MS = 6 * 24 * 3_600_000;

/** The last week is where a period of one's own begins. */
function daysOf({ from, to }: UsageSearch): Pick<UsageSearch, 'from' | 'to'> {
  const now = Date.now();
  return { from: from ?? dayName(now - WEEK_MS), to: to ?? dayName(now) };
}

/** `2026-03-01`, in the reader's time zone. */
function dayName(timeMs: number): string {
  const at = new Date(timeMs);
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
}
