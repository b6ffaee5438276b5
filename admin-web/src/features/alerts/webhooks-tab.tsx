import { Button, Group, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { createWebhookInput } from '@sluice/contract/webhooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { FormActions } from '../../components/form-actions.tsx';
import { Icon } from '../../components/icon.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { SecretOnce, type NamedSecret } from '../../components/secret-once.tsx';
import { useErrorText } from '../../lib/use-error-text.ts';
import type { AlertsProps } from './alerts-search.ts';
import {
  useCreateWebhook,
  useDeleteWebhook,
  useRotateSecret,
  useSwitchWebhook,
  useTestWebhook,
  webhooksQuery,
  type Webhook,
} from './api/webhooks.ts';

export function WebhooksTab({ search, onSearch }: AlertsProps): ReactNode {
  const { t } = useTranslation('alerts');
  const webhooks = useQuery(webhooksQuery);
  const [secret, setSecret] = useState<NamedSecret | null>(null);
  const createButton = (
    <Button leftSection={<Icon name="plus" size={16} />} onClick={() => onSearch({ tab: 'webhooks', create: true })}>
      {t('createWebhook')}
    </Button>
  );
  return (
    <QueryView query={webhooks}>
      {(rows) => (
        <Stack gap="md">
          {rows.length === 0 ? (
            <EmptyState icon="alert" title={t('noWebhooks.title')} text={t('noWebhooks.text')} action={createButton} />
          ) : (
            <>
              <Group justify="flex-end">{createButton}</Group>
              <WebhookTable webhooks={rows} onSecret={setSecret} />
            </>
          )}
          <WebhookDialog
            opened={search.create === true}
            onClose={() => onSearch({ tab: 'webhooks' })}
            onSecret={setSecret}
          />
          <Dialog
            opened={secret !== null}
            onClose={() => setSecret(null)}
            title={t('webhookSecret')}
            centered
            size="lg"
            closeOnClickOutside={false}
          >
            {secret ? <SecretOnce secrets={[secret]} /> : null}
          </Dialog>
        </Stack>
      )}
    </QueryView>
  );
}

function WebhookTable(props: { webhooks: readonly Webhook[]; onSecret: (secret: NamedSecret) => void }): ReactNode {
  const { t } = useTranslation('alerts');
  return (
    <ResourceTable
      caption={t('tabs.webhooks')}
      rows={props.webhooks}
      rowKey={(webhook) => webhook.id}
      columns={[
        { key: 'name', header: t('name'), render: (webhook) => webhook.name },
        {
          key: 'url',
          header: t('address'),
          render: (webhook) => (
            <Text fz="sm" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
              {webhook.url}
            </Text>
          ),
        },
      ]}
      actionsLabel={t('actions')}
      actions={(webhook) => <WebhookActions webhook={webhook} onSecret={props.onSecret} />}
    />
  );
}

function WebhookActions(props: { webhook: Webhook; onSecret: (secret: NamedSecret) => void }): ReactNode {
  const { t } = useTranslation('alerts');
  const { webhook, onSecret } = props;
  const [asking, setAsking] = useState<'delete' | 'rotate' | null>(null);
  const switching = useSwitchWebhook();
  const deletion = useDeleteWebhook();
  const rotation = useRotateSecret();
  const testing = useTestWebhook();
  const errorText = useErrorText();
  const onError = (error: unknown): void => void notifications.show({ color: 'red', message: errorText(error) });
  const close = (): void => setAsking(null);
  return (
    <Group gap="xs" justify="flex-end" wrap="nowrap">
      <Switch
        checked={switching.isPending ? switching.variables.enabled : webhook.enabled}
        aria-label={t('switchWebhook', { name: webhook.name })}
        onChange={(event) => switching.mutate({ id: webhook.id, enabled: event.currentTarget.checked }, { onError })}
      />
      <Button
        size="xs"
        variant="default"
        loading={testing.isPending}
        onClick={() =>
          testing.mutate(webhook.id, {
            onError,
            onSuccess: ({ deliveries }) => notifications.show({ message: t('testSent', { count: deliveries.length }) }),
          })
        }
      >
        {t('sendTest')}
      </Button>
      <Button size="xs" variant="default" onClick={() => setAsking('rotate')}>
        {t('rotate')}
      </Button>
      <Button size="xs" variant="light" color="red" onClick={() => setAsking('delete')}>
        {t('delete')}
      </Button>
      <ConfirmDialog
        opened={asking === 'rotate'}
        title={t('rotateTitle')}
        text={t('rotateText', { name: webhook.name })}
        confirmLabel={t('rotate')}
        pending={rotation.isPending}
        error={rotation.error}
        onConfirm={() =>
          rotation.mutate(webhook.id, {
            onSuccess: ({ name, secret }) => {
              close();
              onSecret({ name, secret });
            },
          })
        }
        onClose={close}
      />
      <ConfirmDialog
        opened={asking === 'delete'}
        title={t('deleteWebhookTitle')}
        text={t('deleteWebhookText', { name: webhook.name })}
        confirmLabel={t('delete')}
        pending={deletion.isPending}
        error={deletion.error}
        onConfirm={() => deletion.mutate(webhook.id, { onSuccess: close })}
        onClose={close}
      />
    </Group>
  );
}

function WebhookDialog(props: {
  opened: boolean;
  onClose: () => void;
  onSecret: (secret: NamedSecret) => void;
}): ReactNode {
  const { t } = useTranslation('alerts');
  const create = useCreateWebhook();
  const form = useForm({
    initialValues: { name: '', url: '' },
    validate: (values) => {
      const parsed = createWebhookInput.safeParse({ name: values.name.trim(), url: values.url.trim() });
      const faulty = new Set(parsed.success ? [] : parsed.error.issues.map(({ path }) => String(path[0])));
      return {
        ...(faulty.has('name') ? { name: t('nameInvalid') } : {}),
        ...(faulty.has('url') ? { url: t('addressInvalid') } : {}),
      };
    },
  });
  const close = (): void => {
    create.reset();
    form.reset();
    props.onClose();
  };
  const submit = form.onSubmit(({ name, url }) =>
    create.mutate(
      { name: name.trim(), url: url.trim() },
      {
        onSuccess: (made) => {
          close();
          props.onSecret({ name: made.name, secret: made.secret });
        },
      },
    ),
  );
  return (
    <Dialog opened={props.opened} onClose={close} title={t('createWebhook')} centered>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          {create.error ? <ErrorState error={create.error} /> : null}
          <TextInput label={t('name')} data-autofocus {...form.getInputProps('name')} />
          <TextInput
            label={t('address')}
            description={t('addressHint')}
            placeholder="https://hooks.example.com/alerts"
            type="url"
            {...form.getInputProps('url')}
          />
          <FormActions submitLabel={t('createWebhook')} pending={create.isPending} onCancel={close} />
        </Stack>
      </form>
    </Dialog>
  );
}
