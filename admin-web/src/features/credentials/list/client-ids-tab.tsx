import { Select, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../../components/empty-state.tsx';
import { QueryView } from '../../../components/query-view.tsx';
import { upstreamsQuery } from '../../../lib/api/upstreams.ts';
import { clientIdsQuery, useSaveClientIds } from '../api/member-lists.ts';
import type { CredentialsProps } from '../credentials-search.ts';
import { linesOf } from './list-lines.ts';
import { MemberList } from './member-list.tsx';

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
  const list = useQuery(clientIdsQuery(upstream));
  const save = useSaveClientIds(upstream);
  return (
    <QueryView query={list} skeleton={[220]}>
      {({ clientIds }) => (
        <MemberList
          list="clientIds"
          title={t('clientIds.title', { upstream })}
          placeholder="app_2f6c0e"
          stored={clientIds}
          wholeTask={{ proxies: false, clientIdsOf: [upstream] }}
          pending={save.isPending}
          error={save.error}
          onSave={(text, onSuccess) =>
            save.mutate(linesOf(text), { onSuccess: ({ reassignment }) => onSuccess(reassignment) })
          }
        />
      )}
    </QueryView>
  );
}
