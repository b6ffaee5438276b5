import { Button, Group, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CodeBlock } from '../../components/code-block.tsx';
import { SecretOnce } from '../../components/secret-once.tsx';
import { tokenSnippet } from './machine-snippets.ts';

/** A new value, this once, with the first call that it is good for. */
export function ShownSecret(props: { name: string; secret: string; onClose: () => void }): ReactNode {
  const { t } = useTranslation('machineSecrets');
  const { name, secret, onClose } = props;
  return (
    <Stack gap="lg">
      <SecretOnce secrets={[{ name, secret }]} />
      <CodeBlock text={tokenSnippet(globalThis.location.origin, secret)} label={t('getAt')} />
      <Group justify="flex-end">
        <Button onClick={onClose}>{t('saved')}</Button>
      </Group>
    </Stack>
  );
}
