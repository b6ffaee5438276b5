import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Section } from '../../components/section.tsx';
import { useFormat } from '../../lib/use-format.ts';
import { ownSessionsQuery, useEndAllSessions, useEndSession, type OwnSession } from './api/sessions.ts';
import { deviceName } from './device-name.ts';

/** Where the caller is logged in, and the way out of there. */
export function SessionsCard({ onLoggedOut }: { onLoggedOut: () => void }): ReactNode {
  const { t } = useTranslation('account');
  const sessions = useQuery(ownSessionsQuery);
  const endAll = useEndAllSessions(onLoggedOut);
  const [asking, setAsking] = useState(false);
  return (
    <Section
      title={t('sessions')}
      actions={
        <Button variant="light" color="red" size="xs" onClick={() => setAsking(true)}>
          {t('endAll')}
        </Button>
      }
    >
      <QueryView query={sessions}>
        {(rows) => (
          <Stack component="ul" gap="md" p={0} m={0} style={{ listStyle: 'none' }}>
            {rows.map((row) => (
              <SessionRow key={row.id} row={row} />
            ))}
          </Stack>
        )}
      </QueryView>
      <ConfirmDialog
        opened={asking}
        title={t('endAllTitle')}
        text={t('endAllText')}
        confirmLabel={t('endAll')}
        pending={endAll.isPending}
        error={endAll.error}
        onConfirm={() => endAll.mutate()}
        onClose={() => setAsking(false)}
      />
    </Section>
  );
}

function SessionRow({ row }: { row: OwnSession }): ReactNode {
  const { t } = useTranslation('account');
  const format = useFormat();
  const end = useEndSession();
  return (
    <Group component="li" justify="space-between" align="flex-start" gap="sm">
      <Stack gap={2} style={{ flex: '1 1 260px' }}>
        <Group gap="xs">
          <Text fz="sm" fw={600} title={row.user_agent} style={{ overflowWrap: 'anywhere' }}>
            {deviceName(row.user_agent) || t('unknownDevice')}
          </Text>
          {row.current ? (
            <Badge variant="light" color="green">
              {t('thisOne')}
            </Badge>
          ) : null}
        </Group>
        <Text fz="xs" c="dimmed">
          {t('sessionFacts', { address: row.address, used: format.age(row.last_used_at) })}
        </Text>
        {end.error ? <ErrorState error={end.error} /> : null}
      </Stack>
      {row.current ? null : (
        <Button variant="default" size="xs" loading={end.isPending} onClick={() => end.mutate(row.id)}>
          {t('end')}
        </Button>
      )}
    </Group>
  );
}
