import { Badge, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../lib/use-format.ts';
import type { MachineSecret } from './api/machine-secrets.ts';

export function SecretStates({ secret }: { secret: MachineSecret }): ReactNode {
  const { t } = useTranslation('machineSecrets');
  const format = useFormat();
  return (
    <Group gap={6}>
      <Badge variant="light" color={secret.enabled ? 'green' : 'gray'}>
        {t(secret.enabled ? 'enabled' : 'disabled')}
      </Badge>
      {secret.previous === null ? null : (
        <Badge variant="light" color="yellow">
          {t('twoValid', { when: format.shortDateTime(secret.previous.validUntil) })}
        </Badge>
      )}
    </Group>
  );
}
