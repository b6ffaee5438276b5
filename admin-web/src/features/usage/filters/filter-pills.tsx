import { Button, CloseIcon, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { formatDuration } from '../../../lib/format.ts';
import type { UsageSearch } from '../usage-search.ts';
import { withoutFilters, type FilterName } from './active-filters.ts';

interface FilterPillsProps {
  search: UsageSearch;
  active: readonly FilterName[];
  /** What people call keys and users, by id. */
  names?: ReadonlyMap<string, string>;
  onSearch: (search: UsageSearch) => void;
}

/** What is narrowed to, each with a way to undo it. */
export function FilterPills({ search, active, names, onSearch }: FilterPillsProps): ReactNode {
  const { t } = useTranslation('usage');
  if (active.length === 0) return null;
  const said = (name: FilterName): string => {
    const value = search[name];
    if (name === 'slow') return formatDuration(Number(value));
    if (name === 'stream') return t(value === true ? 'filters.streamed' : 'filters.whole');
    if (value === 'success') return t('statusSuccess');
    if (value === 'failed') return t('statusFailed');
    return names?.get(String(value)) ?? String(value);
  };
  return (
    <Group gap="xs" role="group" aria-label={t('filters.active')}>
      {active.map((name) => (
        <Button
          key={name}
          size="compact-sm"
          variant="light"
          radius="xl"
          maw="100%"
          rightSection={<CloseIcon size="14" />}
          aria-label={t('filters.remove', { name: t(`filters.${name}`), value: said(name) })}
          onClick={() => onSearch({ ...search, request: undefined, [name]: undefined })}
        >
          {t(`filters.${name}`)}: {said(name)}
        </Button>
      ))}
      <Button size="compact-sm" variant="subtle" onClick={() => onSearch(withoutFilters(search))}>
        {t('clearFilters')}
      </Button>
    </Group>
  );
}
