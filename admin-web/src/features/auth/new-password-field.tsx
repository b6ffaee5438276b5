import { PasswordInput } from '@mantine/core';
import type { PasswordInputProps } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** A password that is being chosen: password managers offer one, and its eye has a name. */
export function NewPasswordField(props: PasswordInputProps): ReactNode {
  const { t } = useTranslation('auth');
  return (
    <PasswordInput
      autoComplete="new-password"
      visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }}
      {...props}
    />
  );
}
