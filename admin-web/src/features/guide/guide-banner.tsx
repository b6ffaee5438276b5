import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Guide } from './guide.tsx';
import { useGuide } from './use-guide.ts';

/** The guide above the overview, until it is finished or not wanted. */
export function GuideBanner(): ReactNode {
  const { t } = useTranslation('guide');
  const { guide } = useGuide();
  const [hidden, setHidden] = useState(false);
  if (!guide || guide.isPutAway || hidden) return null;
  const hide = (): void => {
    setHidden(true);
    guide.putAway('hidden');
    notifications.show({ message: t('hidden') });
  };
  return (
    <Guide
      guide={guide}
      aside={
        <Button variant="subtle" size="xs" onClick={hide}>
          {t('hide')}
        </Button>
      }
    />
  );
}
