import { Group, Stack, Switch, Tabs, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { DetailsDrawer } from '../../../components/details-drawer.tsx';
import { QueryView } from '../../../components/query-view.tsx';
import { useErrorText } from '../../../lib/use-error-text.ts';
import { PARTS, type CredentialPart } from '../credentials-search.ts';
import { StateBadge } from '../list/credential-state.tsx';
import { useChangeCredential } from './api/change-credential.ts';
import { credentialQuery, type CredentialDetails, type Place } from './api/credential.ts';
import { HistoryTab } from './history-tab.tsx';
import { OverviewTab } from './overview-tab.tsx';
import { SettingsTab } from './settings-tab.tsx';
import { TokensTab } from './tokens-tab.tsx';

interface DrawerProps {
  open: Place | null;
  onClose: () => void;
  /** Which part is looked at; without `onPart` the drawer keeps it to itself. */
  part?: CredentialPart | undefined;
  onPart?: ((part: CredentialPart | undefined) => void) | undefined;
}

/** One credential: how it stands and what to do, its tokens, its settings, what happened to it. */
export function CredentialDrawer({ open, onClose, part, onPart }: DrawerProps): ReactNode {
  const { t } = useTranslation('credential');
  return (
    <DetailsDrawer open={open} onClose={onClose} size="xl" title={t('drawer.title')} closeLabel={t('drawer.close')}>
      {(shown) => (
        <Details key={`${shown.upstream}/${shown.id}`} place={shown} part={part} onPart={onPart} onDeleted={onClose} />
      )}
    </DetailsDrawer>
  );
}

function Details(props: { place: Place; onDeleted: () => void } & Pick<DrawerProps, 'part' | 'onPart'>): ReactNode {
  const { t } = useTranslation('credential');
  const { place, part: asked, onPart, onDeleted } = props;
  const credential = useQuery(credentialQuery(place));
  const [own, setOwn] = useState<CredentialPart | undefined>();
  const part = (onPart ? asked : own) ?? 'overview';
  const go = (next: CredentialPart): void => (onPart ?? setOwn)(next === 'overview' ? undefined : next);
  return (
    <QueryView query={credential} skeleton={[60, 40, 160, 160]}>
      {(data) => (
        <Stack gap="lg" pb="xl">
          <Head credential={data} />
          <Tabs
            value={part}
            onChange={(next) => go(PARTS.find((known) => known === next) ?? 'overview')}
            keepMounted={false}
          >
            <Tabs.List mb="lg">
              {PARTS.filter((known) => known !== 'tokens' || data.kind === 'oauth').map((known) => (
                <Tabs.Tab key={known} value={known}>
                  {t(`parts.${known}`)}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            <Tabs.Panel value="overview">
              <OverviewTab credential={data} onPart={go} />
            </Tabs.Panel>
            {data.kind === 'oauth' ? (
              <Tabs.Panel value="tokens">
                <TokensTab credential={data} />
              </Tabs.Panel>
            ) : null}
            <Tabs.Panel value="settings">
              <SettingsTab credential={data} onDeleted={onDeleted} />
            </Tabs.Panel>
            <Tabs.Panel value="history">
              <HistoryTab place={data} />
            </Tabs.Panel>
          </Tabs>
        </Stack>
      )}
    </QueryView>
  );
}

function Head({ credential }: { credential: CredentialDetails }): ReactNode {
  const { t } = useTranslation(['credential', 'credentials']);
  const errorText = useErrorText();
  const change = useChangeCredential(credential);
  const { name, upstream, kind, state } = credential;
  const enabled = change.isPending ? (change.variables.enabled ?? credential.enabled) : credential.enabled;
  return (
    <Group justify="space-between" align="flex-start" gap="md">
      <Stack gap={6} miw={0} style={{ flex: '1 1 240px' }}>
        <Title order={2} fz={20} style={{ overflowWrap: 'anywhere' }}>
          {name}
        </Title>
        <Group gap="xs">
          <StateBadge state={state} />
          <Text fz="sm" c="dimmed">
            {`${upstream} · ${t(`credentials:kinds.${kind}`)}`}
          </Text>
        </Group>
      </Stack>
      <Switch
        label={t('drawer.enabled')}
        checked={enabled}
        onChange={(event) =>
          change.mutate(
            { enabled: event.currentTarget.checked },
            { onError: (error) => notifications.show({ color: 'red', message: errorText(error) }) },
          )
        }
      />
    </Group>
  );
}
