import { Button, Stack } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { AuthFrame } from './auth-frame.tsx';
import { LinkDone, LinkError } from './link-result.tsx';

/**
 * A page that asks for something once and then says what came of it: the fields, what was refused, and after it
 * succeeded (`done`) a sentence in their place.
 */
export function AuthForm(props: {
  title: string;
  intro?: ReactNode;
  submitLabel: string;
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  call: { error: unknown; isPending: boolean };
  /** What to say when it is done; null: it is not yet. */
  done: string | null;
  onLogin: () => void;
  children: ReactNode;
}): ReactNode {
  const { t } = useTranslation('auth');
  const { call, done, onLogin } = props;
  if (done !== null) {
    return (
      <AuthFrame title={props.title}>
        <LinkDone text={done} onLogin={onLogin} />
      </AuthFrame>
    );
  }
  return (
    <AuthFrame title={props.title}>
      {props.intro}
      <form onSubmit={props.onSubmit} noValidate>
        <Stack gap="md">
          {call.error ? <LinkError error={call.error} /> : null}
          {props.children}
          <Button type="submit" fullWidth loading={call.isPending} mt={4}>
            {props.submitLabel}
          </Button>
          <Button variant="subtle" fullWidth onClick={onLogin}>
            {t('register.toLogin')}
          </Button>
        </Stack>
      </form>
    </AuthFrame>
  );
}
