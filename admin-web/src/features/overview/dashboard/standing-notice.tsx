import { Alert, Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../../components/icon.tsx';
import type { Dashboard } from '../../../lib/api/dashboard.ts';

/** Why requests are refused, where the reason is the account itself. */
export function StandingNotice({ user }: { user: Dashboard['user'] }): ReactNode {
  const { t } = useTranslation('overview');
  if (user.is_silenced) {
    return (
      <Alert color="orange" variant="light" icon={<Icon name="alert" />} title={t('standing.silenced.title')}>
        {t('standing.silenced.text')}
      </Alert>
    );
  }
  if (user.is_verified) return null;
  return (
    <Alert color="yellow" variant="light" icon={<Icon name="alert" />} title={t('standing.unverified.title')}>
      {t('standing.unverified.text')}{' '}
      <Anchor inherit renderRoot={(props) => <Link to="/account" {...props} />}>
        {t('standing.unverified.link')}
      </Anchor>
    </Alert>
  );
}
