import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** The end of a dialog's form: back, or send it. */
export function FormActions(props: { submitLabel: string; pending: boolean; onCancel: () => void }): ReactNode {
  const { t } = useTranslation('common');
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={props.onCancel}>
        {t('cancel')}
      </Button>
      <Button type="submit" loading={props.pending}>
        {props.submitLabel}
      </Button>
    </Group>
  );
}
