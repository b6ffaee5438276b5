import { Button, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';

/** The request as the log tells it: attempts, times, tokens and what it cost. */
export function LogStep({ request, onSeen }: { request: string | null; onSeen: () => void }): ReactNode {
  const { t } = useTranslation('guide');
  if (request === null) return <Text fz="sm">{t('log.nothingYet')}</Text>;
  return (
    <Stack gap="sm" align="flex-start">
      <Text fz="sm">{t('log.text')}</Text>
      <Button
        leftSection={<Icon name="usage" size={16} />}
        renderRoot={(props) => <Link to="/usage" search={{ request }} {...props} onClick={onSeen} />}
      >
        {t('log.open')}
      </Button>
    </Stack>
  );
}
