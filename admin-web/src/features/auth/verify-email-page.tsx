import { Button, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useVerifyEmail } from './api/links.ts';
import { AuthFrame } from './auth-frame.tsx';
import { LinkDone, LinkError } from './link-result.tsx';

/** Where the link of a confirmation mail leads. A person presses the button: programs that look into mails do not. */
export function VerifyEmailPage({ token, onLogin }: { token: string; onLogin: () => void }): ReactNode {
  const { t } = useTranslation('auth');
  const verify = useVerifyEmail(token);
  return (
    <AuthFrame title={t('verify.title')}>
      {verify.isSuccess ? (
        <LinkDone text={t('verify.done')} onLogin={onLogin} />
      ) : (
        <>
          {verify.error ? <LinkError error={verify.error} /> : <Text>{t('verify.ask')}</Text>}
          <Button fullWidth loading={verify.isPending} onClick={() => verify.mutate()}>
            {t('verify.submit')}
          </Button>
        </>
      )}
    </AuthFrame>
  );
}
