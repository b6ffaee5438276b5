import { Box, Group, Stack, Text } from '@mantine/core';
import type { UsageLogRow } from '@sluice/contract/usage';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { formatDuration } from '../../../lib/format.ts';
import { Part } from '../../../components/part.tsx';
import { waterfallOf, type Stretch } from './waterfall.ts';

/** Where the time went, one bar a stretch, with the moment of the first byte. */
export function Timing({ row }: { row: UsageLogRow }): ReactNode {
  const { t } = useTranslation('usage');
  const stretches = waterfallOf(row);
  const total = Math.max(1, row.duration_ms);
  const named = (stretch: Stretch): string => {
    if (stretch.kind === 'answer') return t('story.answering');
    if (stretch.kind === 'gateway') return t(row.attempts.length === 0 ? 'story.untilAnswer' : 'story.gateway');
    const attempt = row.attempts[stretch.attempt ?? 0];
    return t('story.attempt', { number: (stretch.attempt ?? 0) + 1, name: attempt?.upstream ?? '' });
  };
  return (
    <Part title={t('timing')} hint={t('story.totalTime', { time: formatDuration(row.duration_ms) })}>
      <Stack gap="xs">
        {stretches.map((stretch) => (
          <Bar
            key={`${stretch.kind} ${stretch.attempt ?? ''}`}
            name={named(stretch)}
            length={stretch.to - stretch.from}
            from={stretch.from / total}
            to={stretch.to / total}
            color={colorOf(stretch, row)}
            firstByte={row.first_byte_ms === null ? null : row.first_byte_ms / total}
          />
        ))}
        {row.first_byte_ms === null ? null : (
          <Text fz="xs" c="dimmed">
            {t('story.firstByteAt', { time: formatDuration(row.first_byte_ms) })}
          </Text>
        )}
      </Stack>
    </Part>
  );
}

function colorOf(stretch: Stretch, row: UsageLogRow): string {
  if (stretch.kind === 'gateway') return 'var(--mantine-color-gray-5)';
  if (stretch.kind === 'answer') return 'var(--mantine-color-water-6)';
  const isFailed = row.attempts[stretch.attempt ?? 0]?.error !== null;
  return isFailed ? 'var(--mantine-color-red-6)' : 'var(--mantine-color-water-6)';
}

interface BarProps {
  name: string;
  length: number;
  /** Of the whole, from 0 to 1, as the first byte's moment. */
  from: number;
  to: number;
  color: string;
  firstByte: number | null;
}

function Bar({ name, length, from, to, color, firstByte }: BarProps): ReactNode {
  return (
    <Stack gap={3}>
      <Group justify="space-between" gap="sm" wrap="nowrap">
        <Text fz="sm" style={{ overflowWrap: 'anywhere' }}>
          {name}
        </Text>
        <Text fz="sm" style={{ whiteSpace: 'nowrap', fontVariantNumeric: 'tabular-nums' }}>
          {formatDuration(length)}
        </Text>
      </Group>
      <Box pos="relative" h={10} bg="var(--mantine-color-default-hover)" style={{ borderRadius: 4 }} aria-hidden>
        <Box
          pos="absolute"
          top={0}
          h={10}
          left={`${from * 100}%`}
          w={`${Math.max(0.5, (to - from) * 100)}%`}
          maw="100%"
          bg={color}
          style={{ borderRadius: 4 }}
        />
        {firstByte === null ? null : (
          <Box
            pos="absolute"
            top={-2}
            h={14}
            w={2}
            left={`calc(${Math.min(1, firstByte) * 100}% - 1px)`}
            bg="var(--mantine-color-text)"
          />
        )}
      </Box>
    </Stack>
  );
}
