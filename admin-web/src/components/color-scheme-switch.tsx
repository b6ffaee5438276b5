import { ActionIcon, useMantineColorScheme } from '@mantine/core';
import type { MantineColorScheme } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from './icon.tsx';
import type { IconName } from './icon-shapes.ts';

interface Choice {
  icon: IconName;
  next: MantineColorScheme;
}

const CHOICES: Record<MantineColorScheme, Choice> = {
  auto: { icon: 'auto', next: 'light' },
  light: { icon: 'sun', next: 'dark' },
  dark: { icon: 'moon', next: 'auto' },
};

/** As the system has it, light, dark, and around again; no menu, which alone would be a tenth of the login page. */
export function ColorSchemeSwitch(): ReactNode {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { icon, next } = CHOICES[colorScheme];
  const text = `${t('colorScheme.label')}: ${t(`colorScheme.${colorScheme}`)}`;
  return (
    <ActionIcon variant="default" size="lg" aria-label={text} title={text} onClick={() => setColorScheme(next)}>
      <Icon name={icon} />
    </ActionIcon>
  );
}
