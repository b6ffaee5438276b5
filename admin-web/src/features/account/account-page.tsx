import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { profileQuery } from './api/profile.ts';
import { PasswordCard } from './password-card.tsx';
import { PreferencesCard } from './preferences-card.tsx';
import { ProfileCard } from './profile-card.tsx';
import { SessionsCard } from './sessions-card.tsx';

/** Who the caller is here: name, address, password, sessions. */
export function AccountPage({ onLoggedOut }: { onLoggedOut: () => void }): ReactNode {
  const { t } = useTranslation('account');
  const profile = useQuery(profileQuery);
  return (
    <>
      <PageHeader title={t('title')} intro={t('intro')} />
      <Stack gap="lg">
        <QueryView query={profile} skeleton={[240]}>
          {(data) => <ProfileCard profile={data} />}
        </QueryView>
        <PreferencesCard />
        <PasswordCard />
        <SessionsCard onLoggedOut={onLoggedOut} />
      </Stack>
    </>
  );
}
