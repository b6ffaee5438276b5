import { Switch } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../../lib/use-error-text.ts';
import { useSwitchKey } from './api/change-key.ts';
import type { Key } from './api/list-keys.ts';

/** Whether the key is accepted; it is shown as asked for before the server has answered. */
export function KeySwitch({ apiKey, label }: { apiKey: Key; label?: string }): ReactNode {
  const { t } = useTranslation('keys');
  const { mutate } = useSwitchKey();
  const errorText = useErrorText();
  return (
    <Switch
      checked={apiKey.is_active}
      onChange={(event) =>
        mutate(
          { id: apiKey.id, isActive: event.currentTarget.checked },
          { onError: (error) => notifications.show({ color: 'red', message: errorText(error) }) },
        )
      }
      {...(label === undefined ? { 'aria-label': t('acceptKey', { name: apiKey.name }) } : { label })}
    />
  );
}
