import { Button, Collapse, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { SearchField } from '../../../components/search-field.tsx';
import { upstreamsQuery } from '../../../lib/api/upstreams.ts';
import { SHORTEST_SEARCH } from '../api/list-credentials.ts';
import { filterOf, isFiltered, KINDS, STATES, TIERS, type CredentialsProps } from '../credentials-search.ts';

/** Narrows the list. What is asked for seldom is folded away while nothing of it is set. */
export function CredentialFilters(props: CredentialsProps): ReactNode {
  const { t } = useTranslation('credentials');
  const { search, onSearch } = props;
  const [isOpen, setOpen] = useState(false);
  const isSet = search.tier !== undefined || search.tag !== undefined || search.created !== undefined;
  const cleared = Object.fromEntries(Object.keys(filterOf(search)).map((name) => [name, undefined]));
  return (
    <Stack gap="sm" mb="md">
      <Group gap="sm">
        <SearchField
          label={t('search')}
          value={search.search ?? ''}
          onSearch={(text) => onSearch({ ...search, search: text === '' ? undefined : text })}
        />
        <UpstreamFilter {...props} />
        <Choice
          label={t('state')}
          all={t('allStates')}
          options={STATES.map((state) => ({ value: state, label: t(`states.${state}`) }))}
          value={search.state}
          onChange={(state) => onSearch({ ...search, state })}
        />
        <Choice
          label={t('kind')}
          all={t('allKinds')}
          options={KINDS.map((kind) => ({ value: kind, label: t(`kinds.${kind}`) }))}
          value={search.kind}
          onChange={(kind) => onSearch({ ...search, kind })}
        />
        {isSet ? null : (
          <Button variant="subtle" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {t(isOpen ? 'fewerFilters' : 'moreFilters')}
          </Button>
        )}
        {isFiltered(search) ? (
          <Button variant="subtle" onClick={() => onSearch({ ...search, ...cleared })}>
            {t('clearFilters')}
          </Button>
        ) : null}
      </Group>
      {search.search !== undefined && search.search.length < SHORTEST_SEARCH ? (
        <Text fz="sm" c="dimmed" role="status">
          {t('shortSearch')}
        </Text>
      ) : null}
      <Collapse expanded={isOpen || isSet}>
        <SeldomFilters {...props} />
      </Collapse>
    </Stack>
  );
}

function SeldomFilters({ search, onSearch }: CredentialsProps): ReactNode {
  const { t } = useTranslation('credentials');
  return (
    <Group gap="sm">
      <SearchField
        label={t('tagFilter')}
        value={search.tag ?? ''}
        onSearch={(text) => onSearch({ ...search, tag: text === '' ? undefined : text })}
      />
      <Choice
        label={t('tier')}
        all={t('allTiers')}
        options={TIERS.map((tier) => ({ value: tier, label: t(`tiers.${tier}`) }))}
        value={search.tier}
        onChange={(tier) => onSearch({ ...search, tier })}
      />
      <TextInput
        type="date"
        aria-label={t('createdOn')}
        title={t('createdOn')}
        value={search.created ?? ''}
        onChange={(event) => onSearch({ ...search, created: event.currentTarget.value || undefined })}
        style={{ flex: '0 1 180px' }}
      />
    </Group>
  );
}

function UpstreamFilter({ search, onSearch }: CredentialsProps): ReactNode {
  const { t } = useTranslation('credentials');
  const upstreams = useQuery(upstreamsQuery);
  const names = new Set((upstreams.data ?? []).map(({ name }) => name));
  // One that is gone, or not loaded yet, is shown all the same where the address names it.
  if (search.upstream !== undefined) names.add(search.upstream);
  return (
    <Choice
      label={t('upstream')}
      all={t('allUpstreams')}
      options={[...names].map((name) => ({ value: name, label: name }))}
      value={search.upstream}
      onChange={(upstream) => onSearch({ ...search, upstream })}
      searchable
    />
  );
}

function Choice<Value extends string>(props: {
  label: string;
  /** What is shown while nothing is chosen. */
  all: string;
  options: { value: Value; label: string }[];
  value: Value | undefined;
  onChange: (value: Value | undefined) => void;
  searchable?: boolean;
}): ReactNode {
  const { t } = useTranslation('credentials');
  return (
    <Select
      aria-label={props.label}
      placeholder={props.all}
      data={props.options}
      value={props.value ?? null}
      onChange={(value) => props.onChange(props.options.find((option) => option.value === value)?.value)}
      searchable={props.searchable ?? false}
      clearable
      clearButtonProps={{ 'aria-label': t('clearFilter', { name: props.label }) }}
      style={{ flex: '1 1 150px', maxWidth: 220 }}
    />
  );
}
