import { Badge, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { UsageStory } from '@sluice/contract/usage-story';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '../../../components/copy-button.tsx';
import { formatDuration } from '../../../lib/format.ts';
import { useFormat } from '../../../lib/use-format.ts';
import { StatusBadge } from '../status-badge.tsx';
import { Copyable } from './copyable.tsx';
import { tokensPerSecond } from './waterfall.ts';

/** What it was, how it ended, and the four figures that most people came for. */
export function StoryHead({ story }: { story: UsageStory }): ReactNode {
  const { t } = useTranslation('usage');
  const format = useFormat();
  const { row } = story;
  return (
    <Stack gap="md">
      <Stack gap={6}>
        <Group gap="sm">
          {row === null ? (
            <Badge variant="light" color="blue">
              {t('story.underWay')}
            </Badge>
          ) : (
            <StatusBadge status={row.status} success={row.success} />
          )}
          <Title order={2} fz={19} style={{ overflowWrap: 'anywhere' }}>
            {story.model}
          </Title>
        </Group>
        <Text fz="sm" c="dimmed">
          {[
            format.age(story.started_at),
            format.dateTime(story.started_at),
            `${story.format}${story.stream ? ` · ${t('streamed')}` : ''}`,
          ].join(' · ')}
        </Text>
        <Group justify="space-between" gap="xs">
          <Copyable value={story.request_id} name={t('story.requestId')} />
          <CopyLink requestId={story.request_id} />
        </Group>
      </Stack>
      {row === null ? null : <Figures row={row} />}
    </Stack>
  );
}

function CopyLink({ requestId }: { requestId: string }): ReactNode {
  const { t } = useTranslation('usage');
  return (
    <Group gap={6}>
      <Text fz="xs" c="dimmed">
        {t('story.link')}
      </Text>
      <CopyButton value={`${window.location.origin}/usage?request=${requestId}`} />
    </Group>
  );
}

function Figures({ row }: { row: NonNullable<UsageStory['row']> }): ReactNode {
  const { t } = useTranslation('usage');
  const format = useFormat();
  const speed = tokensPerSecond(row);
  return (
    <SimpleGrid cols={{ base: 2, xs: 4 }} spacing="sm">
      <Figure
        label={t('duration')}
        value={formatDuration(row.duration_ms)}
        note={speed === null ? null : t('story.speed', { speed: format.count(Math.round(speed)) })}
      />
      <Figure label={t('firstByte')} value={row.first_byte_ms === null ? '–' : formatDuration(row.first_byte_ms)} />
      <Figure
        label={t('tokens')}
        value={format.compact(row.total_tokens)}
        note={`${format.compact(row.input_tokens)} → ${format.compact(row.output_tokens)}`}
      />
      <Figure label={t('cost')} value={format.money(row.cost_micros)} note={t(`sources.${row.source}`)} />
    </SimpleGrid>
  );
}

function Figure({ label, value, note = null }: { label: string; value: string; note?: string | null }): ReactNode {
  return (
    <Card withBorder padding="sm">
      <Text fz="xs" c="dimmed">
        {label}
      </Text>
      <Text fz={18} fw={650} style={{ fontVariantNumeric: 'tabular-nums', overflowWrap: 'anywhere' }}>
        {value}
      </Text>
      {note === null ? null : (
        <Text fz="xs" c="dimmed">
          {note}
        </Text>
      )}
    </Card>
  );
}
