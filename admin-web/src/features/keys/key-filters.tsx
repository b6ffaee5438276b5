import { Group, SegmentedControl, Select } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { SearchField } from '../../components/search-field.tsx';
import { STATES, type KeysSearch } from './keys-search.ts';
import { OwnerField } from './owner-field.tsx';

interface FilterProps {
  search: KeysSearch;
  onSearch: (search: KeysSearch) => void;
  /** May see the keys of others. */
  operator: boolean;
}

export function KeyFilters({ search, onSearch, operator }: FilterProps): ReactNode {
  const { t } = useTranslation('keys');
  const whose = search.owner !== undefined || search.scope === 'all' ? 'all' : 'own';
  return (
    <Group mb="md" gap="sm">
      {operator ? (
        <SegmentedControl
          aria-label={t('whose')}
          value={whose}
          onChange={(choice) => onSearch({ ...search, scope: choice === 'all' ? 'all' : undefined, owner: undefined })}
          data={[
            { value: 'own', label: t('own') },
            { value: 'all', label: t('everybodys') },
          ]}
        />
      ) : null}
      {operator && whose === 'all' ? (
        <OwnerField
          label={t('ownerFilter')}
          value={search.owner ?? ''}
          onChoose={(owner) => onSearch({ ...search, scope: 'all', owner: owner === '' ? undefined : owner })}
        />
      ) : null}
      <SearchField
        label={t('search')}
        value={search.search ?? ''}
        onSearch={(text) => onSearch({ ...search, search: text === '' ? undefined : text })}
      />
      <Select
        aria-label={t('state')}
        placeholder={t('anyState')}
        data={STATES.map((state) => ({ value: state, label: t(`states.${state}`) }))}
        value={search.state ?? null}
        onChange={(state) => onSearch({ ...search, state: STATES.find((known) => known === state) })}
        clearable
        clearButtonProps={{ 'aria-label': t('clearFilters') }}
        style={{ flex: '0 1 170px' }}
      />
    </Group>
  );
}
