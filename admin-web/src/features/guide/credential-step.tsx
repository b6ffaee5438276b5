import { Button, Group, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import { ImportButton } from '../../components/import-button.tsx';
import { isSandboxOnly } from './steps.ts';

/** Something to ask: a key of a vendor, or the sandbox that a start on one machine brings. */
export function CredentialStep({ upstreams }: { upstreams: readonly string[] }): ReactNode {
  const { t } = useTranslation('guide');
  const state = upstreams.length === 0 ? 'none' : isSandboxOnly(upstreams) ? 'sandbox' : 'present';
  return (
    <Stack gap="sm">
      <Text fz="sm">{t(`credential.${state}`)}</Text>
      <Group gap="sm">
        <Button
          variant={state === 'none' ? 'filled' : 'default'}
          leftSection={<Icon name="plus" size={16} />}
          renderRoot={(props) => <Link to="/credentials" search={{ add: true }} {...props} />}
        >
          {t('credential.add')}
        </Button>
        {state === 'none' ? <ImportButton /> : null}
      </Group>
    </Stack>
  );
}
