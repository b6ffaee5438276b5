import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { may, useSession } from '../lib/api/session.ts';
import { Icon } from './icon.tsx';

/** Leads to the import dialog, for those who may import; it opens over the page whose address says `import=true`. */
export function ImportButton({ emphasis = false }: { emphasis?: boolean }): ReactNode {
  const { t } = useTranslation();
  const { data: session } = useSession();
  if (!may(session, 'configuration:import')) return null;
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
