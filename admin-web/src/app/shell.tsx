import { ActionIcon, AppShell, Burger, Button, Divider, Group, NavLink, ScrollArea, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Brand } from '../components/brand.tsx';
import { ColorSchemeSwitch } from '../components/color-scheme-switch.tsx';
import { Icon } from '../components/icon.tsx';
import { LanguageSwitch } from '../components/language-switch.tsx';
import { useLogout } from '../features/auth/api/logout.ts';
import { documentationQuery } from '../lib/api/documentation.ts';
import { isOperator, useSession } from '../lib/api/session.ts';
import { ImportRoute } from './import-route.tsx';
import { NAVIGATION } from './navigation.ts';

/** What surrounds every page after login: header, menu, and the import dialog that any page may open. */
export function Shell(): ReactNode {
  const { t } = useTranslation();
  const [menuOpen, menu] = useDisclosure(false);
  return (
    <AppShell
      header={{ height: 60 }}
      navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !menuOpen } }}
      padding={{ base: 'md', sm: 'xl' }}
    >
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap" gap="sm">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={menuOpen}
              onClick={menu.toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={menuOpen ? t('closeMenu') : t('openMenu')}
            />
            <Brand />
          </Group>
          <HeaderActions />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm">
        <Menu onChoose={menu.close} />
      </AppShell.Navbar>
      <AppShell.Main>
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

function Menu({ onChoose }: { onChoose: () => void }): ReactNode {
  const { t } = useTranslation();
  const { data: session } = useSession();
  const operator = isOperator(session);
  const { data: documented } = useQuery(documentationQuery);
  return (
    <>
      <AppShell.Section grow component={ScrollArea} type="scroll">
        <Stack gap={4} component="nav" aria-label={t('menu')}>
          {NAVIGATION.filter((group) => operator || !group.operator).map((group) => (
            <MenuGroup key={group.text} group={group} onChoose={onChoose} />
          ))}
          {documented ? (
            <>
              <Divider my="xs" />
              <NavLink href="/api/docs" label={t('nav.docs')} leftSection={<Icon name="docs" />} />
            </>
          ) : null}
        </Stack>
      </AppShell.Section>
      <AppShell.Section px="sm" pt="sm" pb={4}>
        <Text fz="sm" fw={600} truncate>
          {session?.username}
        </Text>
        <Text fz="xs" c="dimmed">
          {session ? t(`role.${session.role}`) : ''}
        </Text>
      </AppShell.Section>
    </>
  );
}

function MenuGroup(props: { group: (typeof NAVIGATION)[number]; onChoose: () => void }): ReactNode {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const { text, pages } = props.group;
  return (
    <Stack gap={4} role="group" {...(text ? { 'aria-label': t(text) } : {})}>
      {text ? (
        <Text fz="xs" fw={600} c="dimmed" px="sm" pt="sm" aria-hidden>
          {t(text)}
        </Text>
      ) : null}
      {pages.map((page) => (
        <NavLink
          key={page.to}
          component={Link}
          to={page.to}
          label={t(page.text)}
          leftSection={<Icon name={page.icon} />}
          active={pathname === page.to}
          aria-current={pathname === page.to ? 'page' : undefined}
          onClick={props.onChoose}
          fw={pathname === page.to ? 600 : 400}
        />
      ))}
    </Stack>
  );
}
