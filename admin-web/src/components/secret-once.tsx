import { Alert, Code, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from './copy-button.tsx';
import { Icon } from './icon.tsx';

export interface NamedSecret {
  name: string;
  secret: string;
}

/** Secrets that can never be read again: each with its name, in full, with a copy button. */
export function SecretOnce({ secrets }: { secrets: readonly NamedSecret[] }): ReactNode {
  const { t } = useTranslation();
  return (
    <Stack gap="md">
      <Alert color="yellow" variant="light" icon={<Icon name="alert" />} title={t('secretOnce.title')}>
        {t('secretOnce.text')}
      </Alert>
      {secrets.map(({ name, secret }) => (
        <Stack key={secret} gap={6}>
          <Group justify="space-between" wrap="nowrap">
            <Text fw={600} fz="sm" truncate>
              {name}
            </Text>
            <CopyButton value={secret} emphasis />
          </Group>
          <Code block fz={14} p="sm" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
            {secret}
          </Code>
        </Stack>
      ))}
    </Stack>
  );
}
