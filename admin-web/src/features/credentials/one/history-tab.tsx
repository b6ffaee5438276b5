import { Anchor, Badge, Group, Stack, Text, Timeline } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../../components/empty-state.tsx';
import { LoadMore } from '../../../components/load-more.tsx';
import { QueryView } from '../../../components/query-view.tsx';
import { REASONS } from '../list/reasons.ts';
import type { Place } from './api/credential.ts';
import { historyQuery, type HistoryEntry } from './api/history.ts';
import { When } from './when.tsx';

const COLORS = {
  active: 'green',
  resting: 'orange',
  probing: 'yellow',
  disabled: 'gray',
  invalid: 'red',
  ambiguous: 'yellow',
  deleted: 'red',
} as const satisfies Record<HistoryEntry['to'], string>;

/** The log of operations: what changed its state, when, why, and by whom. */
export function HistoryTab({ place }: { place: Place }): ReactNode {
  const { t } = useTranslation('credential');
  const history = useInfiniteQuery(historyQuery(place));
  return (
    <QueryView query={history}>
      {({ pages }) => {
        const entries = pages.flatMap((page) => page.data);
        if (entries.length === 0) {
          return <EmptyState icon="audit" title={t('history.none')} text={t('history.noneText')} />;
        }
        return (
          <Stack gap="lg">
            <Text fz="sm" c="dimmed">
              {t('history.intro')}
            </Text>
            <Timeline bulletSize={14} lineWidth={2} active={entries.length} color="gray">
              {entries.map((entry, index) => (
                <Timeline.Item key={`${entry.at} ${index}`} color={COLORS[entry.to]}>
                  <Entry entry={entry} />
                </Timeline.Item>
              ))}
            </Timeline>
            <LoadMore query={history} />
          </Stack>
        );
      }}
    </QueryView>
  );
}

function Entry({ entry }: { entry: HistoryEntry }): ReactNode {
  const { t } = useTranslation(['credential', 'credentials']);
  const { at, by, who, model, from, to, reason, until } = entry;
  const known = REASONS.find((one) => one === reason);
  return (
    <Stack gap={4}>
      <Group gap={6}>
        {from === to ? null : (
          <>
            <Badge variant="light" color={COLORS[from]}>
              {t(`history.marks.${from}`)}
            </Badge>
            <Text fz="sm" c="dimmed" aria-hidden>
              →
            </Text>
          </>
        )}
        <Badge variant="light" color={COLORS[to]}>
          {t(`history.marks.${to}`)}
        </Badge>
      </Group>
      <Text fz="sm" style={{ overflowWrap: 'anywhere' }}>
        {known ? t(`credentials:reasons.${known}`) : reason}
        {model === null ? '' : ` · ${model}`}
      </Text>
      {until === null ? null : (
        <Text fz="xs" c="dimmed">
          {t('standing.until')} <When time={until} />
        </Text>
      )}
      <Text fz="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        <When time={at} />
        {by === null ? null : ` · ${t(`history.by.${by}`)}`}
        {by === 'relay' ? (
          <>
            {' · '}
            <Anchor renderRoot={(props) => <Link to="/usage" search={{ request: who }} {...props} />} fz="xs">
              {t('history.request')}
            </Anchor>
          </>
        ) : (
          ` · ${who}`
        )}
      </Text>
    </Stack>
  );
}
