import { useDocumentTitle } from '@mantine/hooks';
import { Card, Center, Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Brand } from '../../components/brand.tsx';
import { ColorSchemeSwitch } from '../../components/color-scheme-switch.tsx';
import { LanguageSwitch } from '../../components/language-switch.tsx';

interface AuthFrameProps {
  title: string;
  hint?: string | undefined;
  children: ReactNode;
}

/** The page around everything that is done without being logged in. */
export function AuthFrame({ title, hint, children }: AuthFrameProps): ReactNode {
  const { t } = useTranslation('auth');
  useDocumentTitle(`${title} · Sluice`);
  return (
    <Stack mih="100dvh" gap={0}>
      <Group component="header" justify="flex-end" p="md" gap="xs">
        <LanguageSwitch />
        <ColorSchemeSwitch />
      </Group>
      <Center component="main" flex={1} p="md" pb={96}>
        <Stack w="100%" maw={400} gap="lg">
          <Stack align="center" gap="xs">
            <Brand size={40} />
            <Text c="dimmed" fz="sm" ta="center">
              {t('tagline')}
            </Text>
          </Stack>
          <Card withBorder padding="xl" shadow="sm">
            <Stack gap="md">
              <Title order={1} fz={20}>
                {title}
              </Title>
              {children}
            </Stack>
          </Card>
          {hint === undefined ? null : (
            <Text c="dimmed" fz="xs" ta="center">
              {hint}
            </Text>
          )}
        </Stack>
      </Center>
    </Stack>
  );
}
