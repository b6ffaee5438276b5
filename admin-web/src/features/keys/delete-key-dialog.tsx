import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { useDeleteKey } from './api/delete-key.ts';
import type { Key } from './api/list-keys.ts';

interface DialogProps {
  target: Key | null;
  onClose: () => void;
  onDeleted: () => void;
}

/** Asks before `target` is deleted; open while there is a target. */
export function DeleteKeyDialog({ target, onClose, onDeleted }: DialogProps): ReactNode {
  const { t } = useTranslation('keys');
  const deletion = useDeleteKey();
  // The last target is kept, so that the text does not vanish while the dialog fades out.
  const [shown, setShown] = useState(target);
  if (target && target !== shown) setShown(target);
  return (
    <ConfirmDialog
      opened={target !== null}
      title={t('deleteTitle')}
      text={t('deleteText', { name: shown?.name ?? '' })}
      confirmLabel={t('delete')}
      pending={deletion.isPending}
      error={deletion.error}
      onConfirm={() => {
        if (target) deletion.mutate(target.id, { onSuccess: onDeleted });
      }}
      onClose={() => {
        deletion.reset();
        onClose();
      }}
    />
  );
}
