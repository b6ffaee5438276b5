import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Section } from '../../../components/section.tsx';
import { CREDENTIALS } from '../api/list-credentials.ts';
import { reassignWork, type ReassignReport, type ReassignTask } from '../api/member-lists.ts';
import { ListEditor } from './list-editor.tsx';
import { Reassignment } from './reassignment.tsx';
import { useLongWork } from './use-long-work.ts';

interface MemberListProps {
  /** Its words are `<list>.title`, `.hint`, `.label`, `.lineHint`, `.saveText`, `.emptyText`. */
  list: 'proxies' | 'clientIds';
  title: string;
  placeholder: string;
  stored: readonly string[];
  /** Brings every credential to the list, asked for by hand. */
  wholeTask: ReassignTask;
  pending: boolean;
  error: unknown;
  onSave: (text: string, onSuccess: (report: ReassignReport) => void) => void;
}

/** A list that credentials are spread over: its members, and how far credentials are brought to it. */
export function MemberList({ list, title, placeholder, stored, wholeTask, ...saving }: MemberListProps): ReactNode {
  const { t } = useTranslation('credentials');
  const queryClient = useQueryClient();
  const run = useLongWork<ReassignReport>(() => void queryClient.invalidateQueries({ queryKey: CREDENTIALS }));
  const [first, setFirst] = useState<ReassignReport | null>(null);
  return (
    <Section title={title} hint={t(`${list}.hint`)}>
      <ListEditor
        label={t(`${list}.label`)}
        hint={t(`${list}.lineHint`)}
        placeholder={placeholder}
        stored={stored}
        saveText={t(`${list}.saveText`)}
        emptyText={t(`${list}.emptyText`)}
        pending={saving.pending}
        error={saving.error}
        onSave={(text, onSuccess) =>
          saving.onSave(text, (report) => {
            onSuccess();
            setFirst(report);
            run.reset();
            if (report.next) run.start(reassignWork(report.next));
          })
        }
      />
      {/* Assigning an empty list would take away what was given by hand. */}
      {stored.length > 0 || first !== null ? (
        <Reassignment
          run={run}
          first={first}
          text={t(`${list}.saveText`)}
          onStart={() => {
            setFirst(null);
            run.start(reassignWork(wholeTask));
          }}
        />
      ) : null}
    </Section>
  );
}
