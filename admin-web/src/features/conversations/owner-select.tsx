import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ownerQuery, ownersQuery } from './api/owners.ts';

const TYPING_MS = 300;

/** Whose conversations are listed; nobody chosen: one's own. */
export function OwnerSelect(props: {
  owner: string | undefined;
  onOwner: (id: string | undefined) => void;
}): ReactNode {
  const { t } = useTranslation('conversations');
  const { owner } = props;
  const [text, setText] = useState('');
  const [sought] = useDebouncedValue(text, TYPING_MS);
  const name = useQuery(ownerQuery(owner));
  // The chosen name stands in the field: it is no search.
  const found = useQuery(ownersQuery(sought === name.data ? '' : sought));
  const users = found.data ?? [];
  const isListed = owner === undefined || users.some(({ value }) => value === owner);
  return (
    <Select
      aria-label={t('ownerLabel')}
      placeholder={t('mine')}
      data={isListed ? users : [{ value: owner, label: name.data ?? owner }, ...users]}
      value={owner ?? null}
      onChange={(id) => props.onOwner(id ?? undefined)}
      searchable
      onSearchChange={setText}
      nothingFoundMessage={t('nobody')}
      clearable
      clearButtonProps={{ 'aria-label': t('clearOwner') }}
      // The server has searched.
      filter={({ options }) => options}
      style={{ flex: '0 1 260px' }}
    />
  );
}
