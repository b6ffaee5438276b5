import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../components/dialog.tsx';
import { ImportFlow } from './import-flow.tsx';

/** Takes a configuration document over whichever page is open. */
export function ImportDialog({ opened, onClose }: { opened: boolean; onClose: () => void }): ReactNode {
  const { t } = useTranslation('import');
  return (
    <Dialog
      opened={opened}
      onClose={onClose}
      title={t('title')}
      size="xl"
      // Generated keys are shown once, and a pasted document is work: neither is lost to a stray click.
      closeOnClickOutside={false}
    >
      <ImportFlow onDone={onClose} onCancel={onClose} />
    </Dialog>
  );
}
