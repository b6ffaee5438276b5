import { Affix, Alert, Button, Card, Group, Paper, Stack, Text, Title, Transition } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '../../components/error-state.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { ApiError } from '../../lib/api-client.ts';
import { settingsQuery, useSaveSettings, type Settings } from './api/settings.ts';
import { SettingField } from './setting-field.tsx';
import { faultOf } from './setting-kind.ts';

/** How the gateway behaves, by group. Nothing is changed until it is saved. */
export function SettingsPage(): ReactNode {
  const { t } = useTranslation('settings');
  const settings = useQuery(settingsQuery);
  return (
    <>
      <PageHeader title={t('title')} intro={t('intro')} />
      <QueryView query={settings} skeleton={[240, 240]}>
        {(data) => <SettingsForm settings={data} onReload={() => void settings.refetch()} />}
      </QueryView>
    </>
  );
}

function SettingsForm({ settings, onReload }: { settings: Settings; onReload: () => void }): ReactNode {
  const { t } = useTranslation('settings');
  const save = useSaveSettings();
  const [changes, setChanges] = useState<Readonly<Record<string, unknown>>>({});
  const change = (key: string, stored: unknown) => (value: unknown) =>
    setChanges((before) => {
      const { [key]: _old, ...others } = before;
      return JSON.stringify(value) === JSON.stringify(stored) ? others : { ...others, [key]: value };
    });
  const isFaulty = Object.entries(changes).some(([key, value]) => faultOf(key, value) !== null);
  const submit = (): void =>
    save.mutate(
      { changes, version: settings.version },
      {
        onSuccess: () => {
          setChanges({});
          notifications.show({ color: 'green', message: t('saved') });
        },
      },
    );
  const wasQuicker = save.error instanceof ApiError && save.error.status === 409;
  return (
    <Stack gap="lg" pb={90}>
      {settings.groups.map((group) => (
        <Card key={group.name} withBorder padding="lg">
          <Stack gap="lg">
            <Title order={2} fz={17}>
              {t(`groups.${group.name}`)}
            </Title>
            {group.settings.map((row) => (
              <SettingField
                key={row.key}
                row={row}
                value={row.key in changes ? changes[row.key] : row.value}
                onChange={change(row.key, row.value)}
              />
            ))}
          </Stack>
        </Card>
      ))}
      {save.error ? (
        wasQuicker ? (
          <Alert color="yellow" variant="light" role="alert" title={t('conflict.title')}>
            <Stack gap="sm" align="flex-start">
              <Text fz="sm">{t('conflict.text')}</Text>
              <Button
                size="xs"
                variant="default"
                onClick={() => {
                  save.reset();
                  onReload();
                }}
              >
                {t('conflict.reload')}
              </Button>
            </Stack>
          </Alert>
        ) : (
          <ErrorState error={save.error} />
        )
      ) : null}
      <SaveBar
        count={Object.keys(changes).length}
        pending={save.isPending}
        disabled={isFaulty}
        onSave={submit}
        onDiscard={() => {
          save.reset();
          setChanges({});
        }}
      />
    </Stack>
  );
}

function SaveBar(props: {
  count: number;
  pending: boolean;
  disabled: boolean;
  onSave: () => void;
  onDiscard: () => void;
}): ReactNode {
  const { t } = useTranslation('settings');
  return (
    <Affix position={{ bottom: 20, right: 20 }}>
      <Transition mounted={props.count > 0} transition="slide-up">
        {(style) => (
          <Paper withBorder shadow="md" p="sm" style={style}>
            <Group gap="sm">
              <Text fz="sm">{t('unsaved', { count: props.count })}</Text>
              <Button variant="default" onClick={props.onDiscard}>
                {t('discard')}
              </Button>
              <Button loading={props.pending} disabled={props.disabled} onClick={props.onSave}>
                {t('save')}
              </Button>
            </Group>
          </Paper>
        )}
      </Transition>
    </Affix>
  );
}
