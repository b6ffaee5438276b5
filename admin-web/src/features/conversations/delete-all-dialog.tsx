import { Button, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { useFormat } from '../../lib/use-format.ts';
import { useDeleteAllConversations } from './api/delete-conversations.ts';

/** Asks before all conversations of one owner go, and shows how far it is. */
export function DeleteAllDialog(props: {
  opened: boolean;
  /** Undefined: one's own. */
  owner: string | undefined;
  /** What the owner is called; null for oneself. */
  who: string | null;
  onClose: () => void;
}): ReactNode {
  const { t } = useTranslation(['conversations', 'common']);
  const format = useFormat();
  const { deletion, deleted, stop } = useDeleteAllConversations(props.owner);
  const close = (): void => {
    stop();
    deletion.reset();
    props.onClose();
  };
  const run = (): void =>
    deletion.mutate(undefined, {
      onSuccess: (count) => {
        notifications.show({ color: 'green', message: t('deleteAll.done', { count, text: format.count(count) }) });
        props.onClose();
      },
    });
  return (
    <Dialog opened={props.opened} onClose={close} title={t('deleteAll.title')} centered>
      <Stack gap="lg">
        <Text fz="sm">{props.who === null ? t('deleteAll.text') : t('deleteAll.textOf', { owner: props.who })}</Text>
        {deletion.isPending ? (
          <Text fz="sm" c="dimmed" role="status">
            {t('deleteAll.progress', { count: deleted, text: format.count(deleted) })}
          </Text>
        ) : null}
        {deletion.error ? <ErrorState error={deletion.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            {deletion.isPending ? t('deleteAll.stop') : t('common:cancel')}
          </Button>
          <Button color="red.9" loading={deletion.isPending} onClick={run}>
            {t('deleteAll.button')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
