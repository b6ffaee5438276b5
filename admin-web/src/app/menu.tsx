import { AppShell, Divider, NavLink, ScrollArea, Stack, Text } from '@mantine/core';
import { Link, useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../components/icon.tsx';
import { useSession } from '../lib/api/session.ts';
import { HELP_PAGES, NAVIGATION, holds, maySee } from './navigation.ts';

/** The pages of whoever is logged in, by group; it scrolls by itself where the screen is low. */
export function Menu({ onChoose }: { onChoose: () => void }): ReactNode {
  const { t } = useTranslation();
  const { data: session } = useSession();
  return (
    <>
      <AppShell.Section grow component={ScrollArea} type="hover" scrollbarSize={6} mih={0}>
        <Stack gap={2} component="nav" aria-label={t('menu')} pb="xs">
          {NAVIGATION.filter((group) => group.pages.some((page) => maySee(session, group, page))).map((group) => (
            <MenuGroup key={group.text} group={group} onChoose={onChoose} />
          ))}
          <HelpLinks onChoose={onChoose} />
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
  const { data: session } = useSession();
  const { group, onChoose } = props;
  const { text, pages } = group;
  return (
    <Stack gap={2} role="group" {...(text ? { 'aria-label': t(text) } : {})}>
      {text ? (
        <Text fz="xs" fw={600} c="dimmed" px="sm" pt="sm" aria-hidden>
          {t(text)}
        </Text>
      ) : null}
      {pages
        .filter((page) => maySee(session, group, page))
        .map((page) => (
          <MenuLink key={page.to} page={page} onChoose={onChoose} />
        ))}
    </Stack>
  );
}

function MenuLink(props: {
  page: Pick<(typeof NAVIGATION)[number]['pages'][number] | (typeof HELP_PAGES)[number], 'to' | 'text' | 'icon'>;
  onChoose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const { to, text, icon } = props.page;
  const here = holds(to, pathname);
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (here) link.current?.scrollIntoView({ block: 'nearest' });
  }, [here]);
  return (
    <NavLink
      ref={link}
      component={Link}
      to={to}
      label={t(text)}
      leftSection={<Icon name={icon} />}
      active={here}
      aria-current={here ? 'page' : undefined}
      onClick={props.onChoose}
      fw={here ? 600 : 400}
      py={7}
    />
  );
}

/** The guide for beginners and the documentation of the API. */
function HelpLinks({ onChoose }: { onChoose: () => void }): ReactNode {
  return (
    <>
      <Divider my="xs" />
      {HELP_PAGES.map((page) => (
        <MenuLink key={page.to} page={page} onChoose={onChoose} />
      ))}
    </>
  );
}
