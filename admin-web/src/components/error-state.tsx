import { Alert, Button, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Icon } from './icon.tsx';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../lib/use-error-text.ts';

/** What went wrong, in words, and a way to try again. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }): ReactNode {
  const { t } = useTranslation();
  const text = useErrorText();
  return (
    <Alert color="red" variant="light" icon={<Icon name="alert" />} title={t('error.title')} role="alert">
      <Stack gap="sm" align="flex-start">
        <Text fz="sm">{text(error)}</Text>
        {onRetry ? (
          <Button
            size="xs"
            color="red"
            variant="light"
            leftSection={<Icon name="refresh" size={15} />}
            onClick={onRetry}
          >
            {t('retry')}
          </Button>
        ) : null}
      </Stack>
    </Alert>
  );
}
