import { Alert, Badge, Drawer, Group, Stack, Table, Text, Title } from '@mantine/core';
import type { UsageLogRow } from '@sluice/contract/usage';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '../../components/copy-button.tsx';
import { Facts } from '../../components/facts.tsx';
import { Icon } from '../../components/icon.tsx';
import { formatDuration } from '../../lib/format.ts';
import { useFormat } from '../../lib/use-format.ts';
import { StatusBadge } from './status-badge.tsx';
import { usedParts } from './used-parts.ts';

/** One request's whole story: who, what, how long, which parts were used, what was tried. */
export function LogDrawer({ row, onClose }: { row: UsageLogRow | null; onClose: () => void }): ReactNode {
  const { t } = useTranslation('usage');
  // The last row is kept, so that the drawer does not empty while it slides out.
  const [shown, setShown] = useState(row);
  if (row && row !== shown) setShown(row);
  return (
    <Drawer
      opened={row !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={t('detailsTitle')}
      closeButtonProps={{ 'aria-label': t('closeDetails') }}
    >
      {shown ? <LogDetails row={shown} /> : null}
    </Drawer>
  );
}

function LogDetails({ row }: { row: UsageLogRow }): ReactNode {
  return (
    <Stack gap="xl" pb="xl">
      <Summary row={row} />
      <Timing row={row} />
      <Consumption row={row} />
      {row.attempts.length > 0 ? <Attempts row={row} /> : null}
    </Stack>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }): ReactNode {
  return (
    <Stack gap="xs">
      <Title order={3} fz={15}>
        {title}
      </Title>
      {children}
    </Stack>
  );
}

function Summary({ row }: { row: UsageLogRow }): ReactNode {
  const { t } = useTranslation('usage');
  return (
    <Stack gap="sm">
      <Group justify="space-between" wrap="nowrap">
        <Text ff="monospace" fz="sm" style={{ overflowWrap: 'anywhere' }}>
          {row.request_id}
        </Text>
        <CopyButton value={row.request_id} />
      </Group>
      {row.error ? (
        <Alert color="red" variant="light" icon={<Icon name="alert" />}>
          <Text fz="sm" ff="monospace">
            {row.error}
          </Text>
        </Alert>
      ) : null}
      {row.warnings.length > 0 ? (
        <Alert color="yellow" variant="light" title={t('warnings')}>
          {row.warnings.map((warning) => (
            <Text key={warning} fz="sm">
              {warning}
            </Text>
          ))}
        </Alert>
      ) : null}
      <Facts
        rows={[
          { label: t('status'), value: <StatusBadge status={row.status} success={row.success} /> },
          { label: t('model'), value: row.model },
          ...(row.served_model && row.served_model !== row.model
            ? [{ label: t('servedModel'), value: row.served_model }]
            : []),
          ...(row.upstream ? [{ label: t('upstream'), value: row.upstream }] : []),
          ...(row.credential ? [{ label: t('credential'), value: row.credential }] : []),
          { label: t('key'), value: row.key_name ?? t('keyGone') },
          { label: t('format'), value: `${row.format}${row.stream ? ` · ${t('streamed')}` : ''}` },
          ...(row.client_app ? [{ label: t('clientApp'), value: row.client_app }] : []),
          ...(row.client_request_id ? [{ label: t('clientRequestId'), value: row.client_request_id }] : []),
        ]}
      />
    </Stack>
  );
}

function Timing({ row }: { row: UsageLogRow }): ReactNode {
  const { t } = useTranslation('usage');
  const format = useFormat();
  return (
    <Section title={t('timing')}>
      <Facts
        rows={[
          { label: t('time'), value: format.dateTime(row.created_at) },
          { label: t('firstByte'), value: row.first_byte_ms === null ? '–' : formatDuration(row.first_byte_ms) },
          { label: t('duration'), value: formatDuration(row.duration_ms) },
        ]}
      />
    </Section>
  );
}

function Consumption({ row }: { row: UsageLogRow }): ReactNode {
  const { t } = useTranslation('usage');
  const format = useFormat();
  return (
    <Section title={t('consumption')}>
      <Facts
        rows={[
          ...usedParts(row.parts).map(({ part, amount }) => ({
            label: t(`parts.${part}`),
            value: format.count(amount),
          })),
          { label: t('cost'), value: <b>{format.money(row.cost_micros)}</b> },
          {
            label: t('price'),
            value: row.price_version === null ? t('noPrice') : t('priceVersion', { version: row.price_version }),
          },
          {
            label: t('source'),
            value: (
              <Badge variant="light" color={row.source === 'reported' ? 'green' : 'yellow'}>
                {t(`sources.${row.source}`)}
              </Badge>
            ),
          },
        ]}
      />
    </Section>
  );
}

function Attempts({ row }: { row: UsageLogRow }): ReactNode {
  const { t } = useTranslation('usage');
  return (
    <Section title={t('attempts')}>
      <Table fz="sm" withTableBorder>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('upstream')}</Table.Th>
            <Table.Th>{t('status')}</Table.Th>
            <Table.Th ta="end">{t('duration')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {row.attempts.map((attempt, index) => (
            <Table.Tr key={index}>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                {attempt.upstream} / {attempt.credential}
                {attempt.error ? (
                  <Text fz="xs" c="dimmed">
                    {attempt.error}
                  </Text>
                ) : null}
              </Table.Td>
              <Table.Td>
                {attempt.status === 0 ? (
                  <Badge variant="light" color="red">
                    {t('noAnswer')}
                  </Badge>
                ) : (
                  <StatusBadge status={attempt.status} success={attempt.error === null} />
                )}
              </Table.Td>
              <Table.Td ta="end">{formatDuration(attempt.duration_ms)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  );
}
