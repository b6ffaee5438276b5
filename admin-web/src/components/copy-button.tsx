import { Button, CopyButton as MantineCopyButton } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from './icon.tsx';

export function CopyButton({ value, emphasis = false }: { value: string; emphasis?: boolean }): ReactNode {
  const { t } = useTranslation();
  return (
    <MantineCopyButton value={value} timeout={2000}>
      {({ copied, copy }) => (
        <Button
          size="xs"
          variant={emphasis ? 'filled' : 'default'}
          leftSection={<Icon name={copied ? 'check' : 'copy'} size={15} />}
          onClick={copy}
        >
          {copied ? t('copied') : t('copy')}
        </Button>
      )}
    </MantineCopyButton>
  );
}
