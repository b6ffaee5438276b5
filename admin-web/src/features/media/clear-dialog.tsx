import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { useFormat } from '../../lib/use-format.ts';
import { useClearMedia } from './api/clear-media.ts';
import type { MediaType } from './media-search.ts';

/** Asks before all media of a type go, and shows how far it is. */
export function ClearDialog(props: {
  type: MediaType;
  total: { count: number; bytes: number } | undefined;
  opened: boolean;
  onClose: () => void;
}): ReactNode {
  const { t } = useTranslation(['media', 'common']);
  const format = useFormat();
  const { clearing, deleted, stop } = useClearMedia(props.type);
  const { count = 0, bytes = 0 } = props.total ?? {};
  const close = (): void => {
    stop();
    clearing.reset();
    props.onClose();
  };
  const clear = (): void =>
    clearing.mutate(undefined, {
      onSuccess: () => {
        notifications.show({ color: 'green', message: t('clear.done') });
        props.onClose();
      },
    });
  return (
    <Dialog opened={props.opened} onClose={close} title={t(`clear.${props.type}`)} centered>
      <Stack gap="lg">
        <Text fz="sm">{t('clear.text', { count, text: format.count(count), size: format.bytes(bytes) })}</Text>
        {clearing.isPending ? (
          <Stack gap={6} role="status">
            <Progress
              value={count === 0 ? 100 : Math.min(100, (deleted / count) * 100)}
              animated
              aria-label={t('clear.progress')}
            />
            <Text fz="sm" c="dimmed">
              {t('clear.deleted', { count: deleted, text: format.count(deleted) })}
            </Text>
          </Stack>
        ) : null}
        {clearing.error ? <ErrorState error={clearing.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            {clearing.isPending ? t('clear.stop') : t('common:cancel')}
          </Button>
          <Button color="red.9" loading={clearing.isPending} onClick={clear}>
            {t('clear.button')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
