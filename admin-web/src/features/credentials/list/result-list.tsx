import { Badge, Box, Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** One line of a report. */
export interface ResultRow {
  key: string;
  /** What it is about, and where that belongs. */
  title: string;
  place: string;
  success: boolean;
  /** The word of its badge. */
  outcome: string;
  message: string;
}

const SHOWN_AT_ONCE = 50;

/** What became of each, failures first. */
export function ResultList({ rows }: { rows: readonly ResultRow[] }): ReactNode {
  const { t } = useTranslation('credentials');
  const [most, setMost] = useState(SHOWN_AT_ONCE);
  if (rows.length === 0) return null;
  const sorted = [...rows.filter(({ success }) => !success), ...rows.filter(({ success }) => success)];
  return (
    <Box
      mah={320}
      style={{ overflowY: 'auto', border: '1px solid var(--mantine-color-default-border)', borderRadius: 8 }}
      tabIndex={0}
      role="group"
      aria-label={t('run.results')}
    >
      <Stack component="ul" gap={0} p={0} m={0} style={{ listStyle: 'none' }}>
        {sorted.slice(0, most).map((row) => (
          <ResultLine key={row.key} row={row} />
        ))}
      </Stack>
      {sorted.length > most ? (
        <Button variant="subtle" fullWidth radius={0} onClick={() => setMost(most + SHOWN_AT_ONCE * 4)}>
          {t('run.more', { count: sorted.length - most })}
        </Button>
      ) : null}
    </Box>
  );
}

function ResultLine({ row }: { row: ResultRow }): ReactNode {
  return (
    <Group
      component="li"
      wrap="nowrap"
      align="flex-start"
      gap="sm"
      px="sm"
      py={8}
      style={{ borderBottom: '1px solid var(--mantine-color-default-border)' }}
    >
      <Stack gap={2} miw={0} style={{ flex: 1 }}>
        <Text fz="sm" style={{ overflowWrap: 'anywhere' }}>
          <Text component="span" inherit fw={600}>
            {row.title}
          </Text>{' '}
          <Text component="span" inherit c="dimmed">
            {row.place}
          </Text>
        </Text>
        <Text fz="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {row.message}
        </Text>
      </Stack>
      <Badge variant="light" color={row.success ? 'green' : 'red'}>
        {row.outcome}
      </Badge>
    </Group>
  );
}
