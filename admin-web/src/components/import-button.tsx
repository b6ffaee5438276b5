import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from './icon.tsx';

/** Leads to the import dialog, which opens over the page whose address says `import=true`. */
export function ImportButton({ emphasis = false }: { emphasis?: boolean }): ReactNode {
  const { t } = useTranslation();
  return (
    <Button
      variant={emphasis ? 'filled' : 'default'}
      leftSection={<Icon name="upload" size={16} />}
      renderRoot={(props) => <Link to="." search={(search) => ({ ...search, import: true })} {...props} />}
    >
      {t('import')}
    </Button>
  );
}
