import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { QueryView } from '../../../components/query-view.tsx';
import { proxyListQuery, useSaveProxies } from '../api/member-lists.ts';
import { proxiesToSend } from './list-lines.ts';
import { MemberList } from './member-list.tsx';

/** The proxies that OAuth credentials are spread over. */
export function ProxiesTab(): ReactNode {
  const { t } = useTranslation('credentials');
  const proxies = useQuery(proxyListQuery);
  const save = useSaveProxies();
  return (
    <QueryView query={proxies} skeleton={[220]}>
      {({ proxies: stored }) => (
        <MemberList
          list="proxies"
          title={t('proxies.title')}
          placeholder="socks5://user:password@proxy.example.com:1080"
          stored={stored.map(({ url }) => url)}
          wholeTask={{ proxies: true, clientIdsOf: [] }}
          pending={save.isPending}
          error={save.error}
          onSave={(text, onSuccess) =>
            save.mutate(proxiesToSend(text, stored), { onSuccess: ({ reassignment }) => onSuccess(reassignment) })
          }
        />
      )}
    </QueryView>
  );
}
