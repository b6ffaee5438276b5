import { Alert, Button, Card, Group, Stack, Text, Textarea } from '@mantine/core';
import type { AlertView } from '@sluice/contract/alerts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../components/dialog.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { useFormat } from '../../lib/use-format.ts';
import { alertsQuery, useAcknowledge } from './api/alerts.ts';
import { SeverityBadge } from './severity-badge.tsx';
import { useRuleName } from './use-rule-name.ts';

const REFRESH_MS = 30_000;

/** Alerts as cards: what, since when, who sees to it. */
export function AlertList({ type }: { type: 'active' | 'history' }): ReactNode {
  const { t } = useTranslation('alerts');
  const format = useFormat();
  const alerts = useInfiniteQuery({
    ...alertsQuery(type),
    ...(type === 'active' ? { refetchInterval: REFRESH_MS } : {}),
  });
  const [chosen, setChosen] = useState<AlertView | null>(null);
  return (
    <QueryView query={alerts}>
      {({ pages }) => {
        const rows = pages.flatMap((page) => page.alerts ?? []);
        const evaluatedAt = pages[0]?.evaluatedAt ?? null;
        return (
          <Stack gap="md">
            {type === 'active' ? (
              <Text fz="sm" c="dimmed">
                {evaluatedAt === null ? t('neverEvaluated') : t('evaluated', { age: format.age(evaluatedAt) })}
              </Text>
            ) : null}
            {rows.length === 0 ? (
              <EmptyState icon="check" title={t(`none.${type}.title`)} text={t(`none.${type}.text`)} />
            ) : null}
            {rows.map((alert) => (
              <AlertCard key={alert.id} alert={alert} onAcknowledge={() => setChosen(alert)} />
            ))}
            <LoadMore query={alerts} />
            <AcknowledgeDialog alert={chosen} onClose={() => setChosen(null)} />
          </Stack>
        );
      }}
    </QueryView>
  );
}

function AlertCard({ alert, onAcknowledge }: { alert: AlertView; onAcknowledge: () => void }): ReactNode {
  const { t, i18n } = useTranslation('alerts');
  const nameOf = useRuleName();
  const format = useFormat();
  const facts = [
    t('fired', { when: format.shortDateTime(alert.firedAt) }),
    ...(alert.reminders > 0 ? [t('reminders', { count: alert.reminders })] : []),
    ...(alert.resolvedAt && alert.resolvedBecause
      ? [t(`resolved.${alert.resolvedBecause}`, { when: format.shortDateTime(alert.resolvedAt) })]
      : []),
  ];
  return (
    <Card withBorder padding="lg">
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start">
          <Text fw={600} style={{ flex: '1 1 240px' }}>
            {nameOf(alert.ruleName)}
          </Text>
          <SeverityBadge severity={alert.severity} />
        </Group>
        <Text fz="sm">{i18n.language === 'zh' ? alert.summary.zh : alert.summary.en}</Text>
        {alert.subjects.length > 0 ? (
          <Text fz="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {alert.subjects.join(', ')}
          </Text>
        ) : null}
        {alert.acknowledgedAt ? (
          <Alert variant="light" color="gray">
            {t('acknowledged', { who: alert.acknowledgedBy ?? '', when: format.shortDateTime(alert.acknowledgedAt) })}
            {alert.note ? ` ${alert.note}` : ''}
          </Alert>
        ) : null}
        <Group justify="space-between">
          <Text fz="xs" c="dimmed">
            {facts.join(' · ')}
          </Text>
          {alert.status === 'active' ? (
            <Button size="xs" variant="default" onClick={onAcknowledge}>
              {t('acknowledge')}
            </Button>
          ) : null}
        </Group>
      </Stack>
    </Card>
  );
}

function AcknowledgeDialog({ alert, onClose }: { alert: AlertView | null; onClose: () => void }): ReactNode {
  const { t } = useTranslation(['alerts', 'common']);
  const acknowledge = useAcknowledge();
  const [note, setNote] = useState('');
  const close = (): void => {
    acknowledge.reset();
    setNote('');
    onClose();
  };
  return (
    <Dialog opened={alert !== null} onClose={close} title={t('acknowledge')} centered>
      <Stack gap="md">
        <Text fz="sm">{t('acknowledgeText')}</Text>
        {acknowledge.error ? <ErrorState error={acknowledge.error} /> : null}
        <Textarea
          label={t('note')}
          maxLength={500}
          autosize
          minRows={2}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          data-autofocus
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t('common:cancel')}
          </Button>
          <Button
            loading={acknowledge.isPending}
            onClick={() => {
              if (alert) acknowledge.mutate({ id: alert.id, note: note.trim() }, { onSuccess: close });
            }}
          >
            {t('acknowledge')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
