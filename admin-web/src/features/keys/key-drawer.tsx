import { Drawer } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { QueryView } from '../../components/query-view.tsx';
import type { Key } from './api/list-keys.ts';
import { keyQuery } from './api/show-key.ts';
import { EditKeyForm } from './edit-key-form.tsx';
import { KeyDetails } from './key-details.tsx';

interface DrawerProps {
  id: string | null;
  editing: boolean;
  operator: boolean;
  onEdit: (editing: boolean) => void;
  onCopy: (key: Key) => void;
  onDelete: (key: Key) => void;
  onClose: () => void;
}

/** One key: its rules, what it used, and the form that changes it. Open while there is an id. */
export function KeyDrawer({ id, onClose, ...rest }: DrawerProps): ReactNode {
  const { t } = useTranslation('keys');
  // The last key is kept, so that the drawer does not empty while it slides out.
  const [shown, setShown] = useState(id);
  if (id !== null && id !== shown) setShown(id);
  return (
    <Drawer
      opened={id !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={t(rest.editing ? 'changeTitle' : 'details')}
      closeButtonProps={{ 'aria-label': t('closeDetails') }}
    >
      {shown === null ? null : <DrawerContent key={shown} id={shown} isOpen={id !== null} {...rest} />}
    </Drawer>
  );
}

function DrawerContent(props: Omit<DrawerProps, 'id' | 'onClose'> & { id: string; isOpen: boolean }): ReactNode {
  const { id, isOpen, editing, operator, onEdit, onCopy, onDelete } = props;
  const query = useQuery({ ...keyQuery(id), enabled: isOpen });
  return (
    <QueryView query={query}>
      {(key) =>
        editing ? (
          <EditKeyForm apiKey={key} operator={operator} onDone={() => onEdit(false)} />
        ) : (
          <KeyDetails
            apiKey={key}
            onEdit={() => onEdit(true)}
            onCopy={() => onCopy(key)}
            onDelete={() => onDelete(key)}
          />
        )
      }
    </QueryView>
  );
}
