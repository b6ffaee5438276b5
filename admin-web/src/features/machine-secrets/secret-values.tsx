import { Button, Group, Select, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { DeleteDialog } from '../../components/delete-dialog.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import {
  useDeleteMachineSecret,
  useEndPrevious,
  useRotateMachineSecret,
  type MachineSecret,
} from './api/machine-secrets.ts';
import { ShownSecret } from './shown-secret.tsx';

/** Another value, the end of the one before, the end of all. */
export function SecretValues({ secret, onDeleted }: { secret: MachineSecret; onDeleted: () => void }): ReactNode {
  const { t } = useTranslation('machineSecrets');
  const [asking, setAsking] = useState<'rotate' | 'end' | 'delete' | null>(null);
  const end = useEndPrevious(secret.name);
  const deletion = useDeleteMachineSecret();
  const close = (): void => setAsking(null);
  return (
    <Stack gap="md">
      <Title order={3} fz={16}>
        {t('values')}
      </Title>
      <Text fz="sm" c="dimmed">
        {t('valuesHint')}
      </Text>
      <Group gap="sm">
        <Button variant="default" onClick={() => setAsking('rotate')}>
          {t('rotate')}
        </Button>
        {secret.previous === null ? null : (
          <Button variant="default" onClick={() => setAsking('end')}>
            {t('endPrevious')}
          </Button>
        )}
        <Button variant="light" color="red" onClick={() => setAsking('delete')}>
          {t('delete')}
        </Button>
      </Group>
      <RotateDialog name={secret.name} opened={asking === 'rotate'} onClose={close} />
      <ConfirmDialog
        opened={asking === 'end'}
        title={t('endPreviousTitle')}
        text={t('endPreviousText', { preview: secret.previous?.preview ?? '' })}
        confirmLabel={t('endPrevious')}
        pending={end.isPending}
        error={end.error}
        onConfirm={() => end.mutate(undefined, { onSuccess: close })}
        onClose={close}
      />
      <DeleteDialog
        target={asking === 'delete' ? secret : null}
        title={t('deleteTitle')}
        text={({ name }) => t('deleteText', { name })}
        confirmLabel={t('delete')}
        deletion={deletion}
        idOf={({ name }) => name}
        onDeleted={onDeleted}
        onClose={close}
      />
    </Stack>
  );
}

const HOUR = 3600;
const GRACES = { none: 0, hour: HOUR, day: 24 * HOUR, week: 7 * 24 * HOUR, month: 30 * 24 * HOUR } as const;
type Grace = keyof typeof GRACES;
const GRACE_NAMES = Object.keys(GRACES) as Grace[];

/** Asks how long the present value goes on, then shows the new one, this once. */
function RotateDialog(props: { name: string; opened: boolean; onClose: () => void }): ReactNode {
  const { t } = useTranslation(['machineSecrets', 'common']);
  const rotate = useRotateMachineSecret(props.name);
  const [grace, setGrace] = useState<Grace>('day');
  const close = (): void => {
    rotate.reset();
    props.onClose();
  };
  return (
    <Dialog
      opened={props.opened}
      onClose={close}
      title={t('rotateTitle')}
      centered
      size="lg"
      closeOnClickOutside={rotate.data === undefined}
    >
      {rotate.data ? (
        <ShownSecret name={props.name} secret={rotate.data.secret} onClose={close} />
      ) : (
        <Stack gap="md">
          <Text fz="sm">{t('rotateText', { name: props.name })}</Text>
          {rotate.error ? <ErrorState error={rotate.error} /> : null}
          <Select
            label={t('grace')}
            description={t(grace === 'none' ? 'graceNone' : 'graceHint')}
            allowDeselect={false}
            data={GRACE_NAMES.map((name) => ({ value: name, label: t(`graces.${name}`) }))}
            value={grace}
            onChange={(chosen) => setGrace(GRACE_NAMES.find((name) => name === chosen) ?? 'day')}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={close} data-autofocus>
              {t('common:cancel')}
            </Button>
            <Button color="red.9" loading={rotate.isPending} onClick={() => rotate.mutate(GRACES[grace])}>
              {t('rotate')}
            </Button>
          </Group>
        </Stack>
      )}
    </Dialog>
  );
}
