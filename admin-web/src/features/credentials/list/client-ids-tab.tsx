import { Select, Stack } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../../components/empty-state.tsx';
import { QueryView } from '../../../components/query-view.tsx';
import { Section } from '../../../components/section.tsx';
import { upstreamsQuery } from '../../../lib/api/upstreams.ts';
import { CREDENTIALS } from '../api/list-credentials.ts';
import { clientIdsQuery, reassignWork, useSaveClientIds, type ReassignReport } from '../api/member-lists.ts';
import type { CredentialsProps } from '../credentials-search.ts';
import { ListEditor } from './list-editor.tsx';
import { linesOf } from './list-lines.ts';
import { Reassignment } from './reassignment.tsx';
import { useLongWork } from './use-long-work.ts';

/** The OAuth clients that the credentials of an upstream are spread over. */
export function ClientIdsTab({ search, onSearch }: CredentialsProps): ReactNode {
  const { t } = useTranslation('credentials');
  const upstreams = useQuery(upstreamsQuery);
  return (
    <QueryView query={upstreams} skeleton={[44, 220]}>
      {(all) => {
        const names = all.filter(({ oauth }) => oauth !== null).map(({ name }) => name);
        const chosen = names.find((name) => name === search.upstream) ?? names[0];
        if (chosen === undefined) {
          return <EmptyState icon="credentials" title={t('clientIds.none.title')} text={t('clientIds.none.text')} />;
        }
        return (
          <Stack gap="md">
            <Select
              label={t('upstream')}
              data={names}
              value={chosen}
              onChange={(upstream) => onSearch({ ...search, upstream: upstream ?? undefined })}
              allowDeselect={false}
              searchable
              maw={320}
            />
            <ClientIds key={chosen} upstream={chosen} />
          </Stack>
        );
      }}
    </QueryView>
  );
}

function ClientIds({ upstream }: { upstream: string }): ReactNode {
  const { t } = useTranslation('credentials');
  const queryClient = useQueryClient();
  const list = useQuery(clientIdsQuery(upstream));
  const save = useSaveClientIds(upstream);
  const run = useLongWork<ReassignReport>(() => void queryClient.invalidateQueries({ queryKey: CREDENTIALS }));
  const [first, setFirst] = useState<ReassignReport | null>(null);
  return (
    <QueryView query={list} skeleton={[220]}>
      {({ clientIds }) => (
        <Section title={t('clientIds.title', { upstream })} hint={t('clientIds.hint')}>
          <ListEditor
            label={t('clientIds.label')}
            hint={t('clientIds.lineHint')}
            placeholder="app_2f6c0e"
            stored={clientIds}
            saveText={t('clientIds.saveText')}
            emptyText={t('clientIds.emptyText')}
            pending={save.isPending}
            error={save.error}
            onSave={(text, onSuccess) =>
              save.mutate(linesOf(text), {
                onSuccess: ({ reassignment }) => {
                  onSuccess();
                  setFirst(reassignment);
                  run.reset();
                  if (reassignment.next) run.start(reassignWork(reassignment.next));
                },
              })
            }
          />
          {/* Assigning an empty list would take away what was given by hand. */}
          {clientIds.length > 0 || first !== null ? (
            <Reassignment
              run={run}
              first={first}
              text={t('clientIds.saveText')}
              onStart={() => {
                setFirst(null);
                run.start(reassignWork({ proxies: false, clientIdsOf: [upstream] }));
              }}
            />
          ) : null}
        </Section>
      )}
    </QueryView>
  );
}
