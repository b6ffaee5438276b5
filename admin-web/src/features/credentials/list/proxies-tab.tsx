import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { QueryView } from '../../../components/query-view.tsx';
import { Section } from '../../../components/section.tsx';
import { CREDENTIALS } from '../api/list-credentials.ts';
import { proxyListQuery, reassignWork, useSaveProxies, type ReassignReport } from '../api/member-lists.ts';
import { ListEditor } from './list-editor.tsx';
import { proxiesToSend } from './list-lines.ts';
import { Reassignment } from './reassignment.tsx';
import { useLongWork } from './use-long-work.ts';

const ALL = { proxies: true, clientIdsOf: [] };

/** The proxies that OAuth credentials are spread over. */
export function ProxiesTab(): ReactNode {
  const { t } = useTranslation('credentials');
  const queryClient = useQueryClient();
  const proxies = useQuery(proxyListQuery);
  const save = useSaveProxies();
  const run = useLongWork<ReassignReport>(() => void queryClient.invalidateQueries({ queryKey: CREDENTIALS }));
  const [first, setFirst] = useState<ReassignReport | null>(null);
  return (
    <QueryView query={proxies} skeleton={[220]}>
      {({ proxies: stored }) => (
        <Section title={t('proxies.title')} hint={t('proxies.hint')}>
          <ListEditor
            label={t('proxies.label')}
            hint={t('proxies.lineHint')}
            placeholder="socks5://user:password@proxy.example.com:1080"
            stored={stored.map(({ url }) => url)}
            saveText={t('proxies.saveText')}
            emptyText={t('proxies.emptyText')}
            pending={save.isPending}
            error={save.error}
            onSave={(text, onSuccess) =>
              save.mutate(proxiesToSend(text, stored), {
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
          {stored.length > 0 || first !== null ? (
            <Reassignment
              run={run}
              first={first}
              text={t('proxies.saveText')}
              onStart={() => {
                setFirst(null);
                run.start(reassignWork(ALL));
              }}
            />
          ) : null}
        </Section>
      )}
    </QueryView>
  );
}
