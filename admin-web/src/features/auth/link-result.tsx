import { Alert, Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import { useErrorText } from '../../lib/use-error-text.ts';

/** What went wrong with a link, in the gateway's words: used, expired, never valid. */
export function LinkError({ error }: { error: unknown }): ReactNode {
  const text = useErrorText();
  return (
    <Alert color="red" variant="light" icon={<Icon name="alert" />} role="alert">
      {text(error)}
    </Alert>
  );
}

export function LinkDone({ text, onLogin }: { text: string; onLogin: () => void }): ReactNode {
  const { t } = useTranslation('auth');
  return (
    <>
      <Alert color="teal" variant="light" icon={<Icon name="check" />} role="status">
        {text}
      </Alert>
      <Button fullWidth onClick={onLogin}>
        {t('toLogin')}
      </Button>
    </>
  );
}
