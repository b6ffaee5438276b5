import { Button, List, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { useFormat } from '../../lib/use-format.ts';
import { useDeleteModel } from './api/delete-model.ts';
import { LOOK_BACK_DAYS, modelUsersQuery } from './api/model-users.ts';

/** Takes a model away, after saying who would miss it. */
export function DeleteModel({ name, onDeleted }: { name: string; onDeleted: () => void }): ReactNode {
  const { t } = useTranslation('models');
  const [asking, setAsking] = useState(false);
  const deletion = useDeleteModel();
  return (
    <Stack gap="sm" align="flex-start">
      <Text fz="sm" c="dimmed">
        {t('delete.hint')}
      </Text>
      <Button variant="light" color="red" onClick={() => setAsking(true)}>
        {t('delete.button')}
      </Button>
      <ConfirmDialog
        opened={asking}
        title={t('delete.title')}
        text={t('delete.text', { name })}
        confirmLabel={t('delete.button')}
        pending={deletion.isPending}
        error={deletion.error}
        onConfirm={() => deletion.mutate(name, { onSuccess: onDeleted })}
        onClose={() => setAsking(false)}
      >
        <WhoLosesIt name={name} />
      </ConfirmDialog>
    </Stack>
  );
}

function WhoLosesIt({ name }: { name: string }): ReactNode {
  const { t } = useTranslation('models');
  const format = useFormat();
  const users = useQuery(modelUsersQuery(name));
  return (
    <QueryView query={users} skeleton={[20, 20]}>
      {({ requests, keys, clients }) =>
        requests === 0 ? (
          <Text fz="sm">{t('delete.nobody', { days: LOOK_BACK_DAYS })}</Text>
        ) : (
          <Stack gap="xs">
            <Text fz="sm">{t('delete.somebody', { days: LOOK_BACK_DAYS, requests: format.count(requests) })}</Text>
            <List fz="sm" spacing={4}>
              <List.Item>
                {t('delete.keys')} <strong>{listOf(keys.names, keys.hasMore, t('delete.andMore'))}</strong>
              </List.Item>
              {clients.names.length > 0 ? (
                <List.Item>
                  {t('delete.clients')} <strong>{listOf(clients.names, clients.hasMore, t('delete.andMore'))}</strong>
                </List.Item>
              ) : null}
            </List>
          </Stack>
        )
      }
    </QueryView>
  );
}

function listOf(names: readonly string[], hasMore: boolean, more: string): string {
  return [...names, ...(hasMore ? [more] : [])].join(', ') || '–';
}
