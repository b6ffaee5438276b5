import { Button, Card, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx';
import { Part } from '../../../components/part.tsx';
import { QueryView } from '../../../components/query-view.tsx';
import { asideTokensQuery, useAdoptTokens } from './api/aside-tokens.ts';
import type { Place } from './api/credential.ts';
import { When } from './when.tsx';

/** Tokens that were received and could not be saved in their place; an operator may have them take it. */
export function AsideTokens({ place }: { place: Place }): ReactNode {
  const { t } = useTranslation('credential');
  const aside = useQuery(asideTokensQuery(place));
  const adopt = useAdoptTokens(place);
  const [asking, setAsking] = useState<string | null>(null);
  return (
    <Part title={t('aside.title')}>
      <QueryView query={aside} skeleton={[44]}>
        {(rows) =>
          rows.length === 0 ? (
            <Text fz="sm" c="dimmed">
              {t('aside.none')}
            </Text>
          ) : (
            <Stack gap="sm" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
              {rows.map((row) => (
                <Card key={row.attempt} component="li" withBorder padding="sm">
                  <Group justify="space-between" align="flex-start" gap="sm">
                    <Stack gap={2} style={{ flex: '1 1 220px' }}>
                      <Text fz="sm" fw={600}>
                        {t(`aside.why.${row.why}`)}
                      </Text>
                      <Text fz="xs" c="dimmed">
                        <When time={row.at} />
                        {` · ${t('aside.rotation', { rotation: row.rotation })}`}
                      </Text>
                      <Text fz="xs" c="dimmed">
                        {t(row.hasRefreshToken ? 'aside.withRefresh' : 'aside.withoutRefresh')}
                      </Text>
                    </Stack>
                    <Button size="xs" variant="default" onClick={() => setAsking(row.attempt)}>
                      {t('aside.adopt')}
                    </Button>
                  </Group>
                </Card>
              ))}
            </Stack>
          )
        }
      </QueryView>
      <ConfirmDialog
        opened={asking !== null}
        title={t('aside.ask')}
        text={t('aside.text')}
        confirmLabel={t('aside.adopt')}
        pending={adopt.isPending}
        error={adopt.error}
        onConfirm={() => {
          if (asking === null) return;
          adopt.mutate(asking, {
            onSuccess: () => {
              setAsking(null);
              notifications.show({ color: 'green', message: t('aside.done') });
            },
          });
        }}
        onClose={() => setAsking(null)}
      />
    </Part>
  );
}
