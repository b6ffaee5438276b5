import { ActionIcon, AppShell, Burger, Button, Group, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Brand } from '../components/brand.tsx';
import { ColorSchemeSwitch } from '../components/color-scheme-switch.tsx';
import { Icon } from '../components/icon.tsx';
import { LanguageSwitch } from '../components/language-switch.tsx';
import { useLogout } from '../features/auth/api/logout.ts';
import { ImportRoute } from './import-route.tsx';
import { Menu } from './menu.tsx';
import { CONTENT_ID, SkipLink } from './skip-link.tsx';
import { usePageFocus } from './use-page-focus.ts';

/** What surrounds every page after login: header, menu, and the import dialog that any page may open. */
export function Shell(): ReactNode {
  const { t } = useTranslation();
  const [menuOpen, menu] = useDisclosure(false);
  usePageFocus();
  return (
    <AppShell
      header={{ height: 60 }}
      navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !menuOpen } }}
      padding={{ base: 'md', sm: 'xl' }}
    >
      <SkipLink />
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap" gap="sm">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={menuOpen}
              onClick={menu.toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={menuOpen ? t('closeMenu') : t('openMenu')}
              aria-expanded={menuOpen}
            />
            <Link
              to="/"
              aria-label={`Sluice: ${t('nav.overview')}`}
              style={{ color: 'inherit', textDecoration: 'none' }}
            >
              <Brand />
            </Link>
          </Group>
          <HeaderActions />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm">
        <Menu onChoose={menu.close} />
      </AppShell.Navbar>
      <AppShell.Main id={CONTENT_ID} tabIndex={-1} style={{ outline: 'none' }}>
        <Stack gap={0} maw={1200} mx="auto">
          <Outlet />
        </Stack>
        <ImportRoute />
      </AppShell.Main>
    </AppShell>
  );
}

function HeaderActions(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const logout = useLogout(() => void navigate({ to: '/login', search: {} }));
  return (
    <Group gap="xs" wrap="nowrap">
      <LanguageSwitch />
      <ColorSchemeSwitch />
      <Button
        visibleFrom="sm"
        variant="default"
        leftSection={<Icon name="logout" />}
        loading={logout.isPending}
        onClick={() => logout.mutate()}
      >
        {t('logout')}
      </Button>
      <ActionIcon
        hiddenFrom="sm"
        variant="default"
        size="lg"
        aria-label={t('logout')}
        loading={logout.isPending}
        onClick={() => logout.mutate()}
      >
        <Icon name="logout" />
      </ActionIcon>
    </Group>
  );
}
