import { Stack, Switch, Text } from '@mantine/core';
import type { SwitchProps } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** Off unless somebody says otherwise, with what it means. */
export function SharedSwitch(props: SwitchProps): ReactNode {
  const { t } = useTranslation('sharing');
  return (
    <Stack gap={4}>
      <Switch label={t('share')} description={t('shareHint')} {...props} />
      <Text fz="xs" c="dimmed">
        {t('word.policy')}
      </Text>
    </Stack>
  );
}
