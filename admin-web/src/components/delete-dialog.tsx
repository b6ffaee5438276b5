import type { UseMutationResult } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { ConfirmDialog } from './confirm-dialog.tsx';

interface DeleteDialogProps<Target> {
  /** What is to go; the dialog is open while there is something. */
  target: Target | null;
  title: string;
  /** What will happen to it. */
  text: (target: Target) => string;
  confirmLabel: string;
  deletion: Pick<UseMutationResult<unknown, Error, string>, 'mutate' | 'reset' | 'isPending' | 'error'>;
  /** What the deletion is asked with. */
  idOf: (target: Target) => string;
  onDeleted?: () => void;
  onClose: () => void;
}

/** Asks before one thing of a list is deleted. */
export function DeleteDialog<Target>(props: DeleteDialogProps<Target>): ReactNode {
  const { target, deletion, onClose } = props;
  // The last target is kept, so that the text does not vanish while the dialog fades out.
  const [shown, setShown] = useState(target);
  if (target !== null && target !== shown) setShown(target);
  const close = (): void => {
    deletion.reset();
    onClose();
  };
  const deleted = (): void => {
    close();
    props.onDeleted?.();
  };
  return (
    <ConfirmDialog
      opened={target !== null}
      title={props.title}
      text={shown === null ? '' : props.text(shown)}
      confirmLabel={props.confirmLabel}
      pending={deletion.isPending}
      error={deletion.error}
      onConfirm={() => {
        if (target !== null) deletion.mutate(props.idOf(target), { onSuccess: deleted });
      }}
      onClose={close}
    />
  );
}
