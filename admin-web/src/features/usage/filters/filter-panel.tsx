import { Autocomplete, Button, Card, Collapse, NumberInput, Select, SimpleGrid } from '@mantine/core';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../../components/icon.tsx';
import type { UsageProps, UsageSearch } from '../usage-search.ts';
import { MEMBER_FILTERS, offered } from './active-filters.ts';
import { MemberSelect } from './member-select.tsx';

/** Shows or hides the filters that are not needed every day. */
export function FilterButton(props: { count: number; opened: boolean; onToggle: () => void }): ReactNode {
  const { t } = useTranslation('usage');
  const { count, opened, onToggle } = props;
  return (
    <Button variant="default" leftSection={<Icon name="filter" size={16} />} aria-expanded={opened} onClick={onToggle}>
      {count === 0 ? t('filters.title') : t('filters.titleCount', { count })}
    </Button>
  );
}

export function FilterPanel(props: UsageProps & { opened: boolean; withLogFilters?: boolean }): ReactNode {
  const { search, onSearch, scope, opened, withLogFilters = false } = props;
  return (
    <Collapse expanded={opened}>
      <Card withBorder padding="md">
        <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="sm">
          {offered(MEMBER_FILTERS, scope).map((name) => (
            <MemberSelect
              key={name}
              name={name}
              scope={scope}
              value={search[name]}
              onChange={(value) => onSearch({ ...search, request: undefined, [name]: value })}
            />
          ))}
          {withLogFilters ? <LogFilters {...props} /> : null}
        </SimpleGrid>
      </Card>
    </Collapse>
  );
}

const STATUSES = ['2xx', '4xx', '5xx', '400', '401', '403', '404', '429', '499', '500', '502', '503', '504'];
const STATUS = /^[1-5](?:\d\d|xx)$/;
/** Codes that requests end with most often; any other can be typed. */
const ERRORS = [
  'rate_limit_exceeded',
  'insufficient_quota',
  'daily_quota_exceeded',
  'bad_request',
  'content_policy_violation',
  'upstream_error',
  'upstream_unreachable',
  'upstream_credential_refused',
  'upstream_cut',
  'upstream_timeout',
  'no_credential',
  'internal_error',
];

function LogFilters({ search, onSearch }: UsageProps): ReactNode {
  const { t } = useTranslation('usage');
  const change = (next: Partial<typeof search>): void => onSearch({ ...search, request: undefined, ...next });
  return (
    <>
      <StatusFilter search={search} onStatus={(status) => change({ status })} />
      <Select
        label={t('filters.error')}
        placeholder={t('filters.any')}
        data={[...new Set([...ERRORS, ...(search.error === undefined ? [] : [search.error])])]}
        value={search.error ?? null}
        onChange={(error) => change({ error: error ?? undefined })}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': t('filters.clear', { name: t('filters.error') }) }}
        nothingFoundMessage={t('filters.none')}
      />
      <Select
        label={t('filters.stream')}
        placeholder={t('filters.any')}
        data={[
          { value: 'true', label: t('filters.streamed') },
          { value: 'false', label: t('filters.whole') },
        ]}
        value={search.stream === undefined ? null : String(search.stream)}
        onChange={(chosen) => change({ stream: chosen === null ? undefined : chosen === 'true' })}
        clearable
        clearButtonProps={{ 'aria-label': t('filters.clear', { name: t('filters.stream') }) }}
      />
      <NumberInput
        label={t('filters.slow')}
        placeholder={t('filters.any')}
        min={0}
        max={86_400}
        decimalScale={3}
        hideControls
        suffix=" s"
        value={search.slow === undefined ? '' : search.slow / 1000}
        onBlur={(event) => {
          const seconds = Number.parseFloat(event.currentTarget.value);
          change({ slow: seconds > 0 ? Math.round(seconds * 1000) : undefined });
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') event.currentTarget.blur();
        }}
      />
    </>
  );
}

interface StatusFilterProps {
  search: UsageSearch;
  onStatus: (status: string | undefined) => void;
}

/** A status or a class of them, taken as soon as it is one. It may change elsewhere. */
function StatusFilter({ search, onStatus }: StatusFilterProps): ReactNode {
  const { t } = useTranslation('usage');
  const status = search.status !== undefined && STATUS.test(search.status) ? search.status : '';
  const [text, setText] = useState(status);
  const [sent, setSent] = useState(status);
  if (status !== sent) {
    setSent(status);
    setText(status);
  }
  const type = (typed: string): void => {
    const wanted = typed.trim().toLowerCase();
    setText(typed);
    if (wanted !== '' && !STATUS.test(wanted)) return;
    setSent(wanted);
    if (wanted !== status) onStatus(wanted === '' ? undefined : wanted);
  };
  return (
    <Autocomplete
      label={t('filters.status')}
      placeholder={t('filters.statusHint')}
      data={STATUSES}
      value={text}
      onChange={type}
    />
  );
}
