import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { DetailsDrawer } from '../../components/details-drawer.tsx';
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
  return (
    <DetailsDrawer
      open={id}
      onClose={onClose}
      title={t(rest.editing ? 'changeTitle' : 'details')}
      closeLabel={t('closeDetails')}
    >
      {(shown) => <DrawerContent key={shown} id={shown} isOpen={id !== null} {...rest} />}
    </DetailsDrawer>
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
