import { Alert, Anchor, Button, Group, Select, SimpleGrid, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../components/dialog.tsx';
import { FormActions } from '../../components/form-actions.tsx';
import { Icon } from '../../components/icon.tsx';
import type { Upstream } from '../../lib/api/upstreams.ts';
import { useSaveUpstream } from './api/upstreams.ts';
import { faultsByField, isClosedNetwork } from './field-faults.ts';
import { OAuthFields } from './oauth-fields.tsx';
import { Refusal } from './refusal.tsx';
import { emptyUpstream, faultsOfUpstream, formOfUpstream, upstreamOf, type UpstreamForm } from './upstream-form.ts';
import { FORMATS_OF, PRESETS, type Vendor } from './upstream-presets.ts';

/** Makes an upstream from what its vendor usually takes, or changes one. */
export function UpstreamDialog(props: {
  upstream: Upstream | null;
  creating: boolean;
  /** Names that there are already. */
  taken: readonly string[];
  onClose: () => void;
}): ReactNode {
  const { t } = useTranslation('models');
  const { upstream, creating, onClose } = props;
  const [made, setMade] = useState<string | null>(null);
  const close = (): void => {
    setMade(null);
    onClose();
  };
  return (
    <Dialog
      opened={creating || upstream !== null}
      onClose={close}
      title={upstream ? t('editUpstream', { name: upstream.name }) : t('createUpstream')}
      size="lg"
      closeOnClickOutside={false}
    >
      {made === null ? (
        <UpstreamFields
          key={upstream?.name ?? ''}
          upstream={upstream}
          taken={upstream ? [] : props.taken}
          onSaved={upstream ? close : setMade}
          onCancel={close}
        />
      ) : (
        <Made name={made} onClose={close} />
      )}
    </Dialog>
  );
}

/** It is there; what is next. */
function Made({ name, onClose }: { name: string; onClose: () => void }): ReactNode {
  const { t } = useTranslation(['models', 'common']);
  return (
    <Stack gap="lg">
      <Alert color="green" variant="light" icon={<Icon name="check" />} title={t('upstreamMade.title', { name })}>
        {t('upstreamMade.text')}
      </Alert>
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          {t('common:close')}
        </Button>
        <Button variant="default" renderRoot={(root) => <Link to="/models" search={{ create: true }} {...root} />}>
          {t('createModel')}
        </Button>
        <Button renderRoot={(root) => <Link to="/credentials" search={{ upstream: name, add: true }} {...root} />}>
          {t('upstreamMade.credential')}
        </Button>
      </Group>
    </Stack>
  );
}

const FIRST_VENDOR: Vendor = 'openai';

function UpstreamFields(props: {
  upstream: Upstream | null;
  taken: readonly string[];
  onSaved: (name: string) => void;
  onCancel: () => void;
}): ReactNode {
  const { t } = useTranslation(['models', 'common']);
  const { upstream } = props;
  const save = useSaveUpstream();
  const form = useForm<UpstreamForm>({
    initialValues: upstream ? formOfUpstream(upstream) : emptyUpstream(FIRST_VENDOR),
    validate: (values) =>
      Object.fromEntries(
        Object.entries(faultsOfUpstream(values, props.taken)).map(([path, fault]) => [
          path,
          t(`upstreamFaults.${fault}`),
        ]),
      ),
  });
  const submit = form.onSubmit((values) =>
    save.mutate(
      { name: values.name.trim(), upstream: upstreamOf(values) },
      {
        onSuccess: ({ name }) => {
          notifications.show({ color: 'green', message: t('saved', { name }) });
          props.onSaved(name);
        },
        onError: (error) => form.setErrors(explained(faultsByField(error))),
      },
    ),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <MainFields form={form} isNew={upstream === null} />
        <Switch
          label={t('oauth.has')}
          description={t('oauth.hasHint')}
          {...form.getInputProps('hasOAuth', { type: 'checkbox' })}
        />
        {form.values.hasOAuth ? (
          <OAuthFields form={form} hasSecret={upstream?.oauth?.hasClientSecret === true} />
        ) : null}
        <Refusal error={save.error} />
        <FormActions
          submitLabel={t(upstream ? 'save' : 'createUpstream')}
          pending={save.isPending}
          onCancel={props.onCancel}
        />
      </Stack>
    </form>
  );
}

/** That a network is closed is told with the way to open it. */
function explained(faults: Record<string, string>): Record<string, ReactNode> {
  return Object.fromEntries(
    Object.entries(faults).map(([path, message]) => [path, isClosedNetwork(message) ? <ClosedNetwork /> : message]),
  );
}

function ClosedNetwork(): ReactNode {
  const { t } = useTranslation('models');
  return (
    <Text span fz="xs">
      {t('closedNetwork')}{' '}
      <Anchor fz="xs" c="inherit" underline="always" renderRoot={(root) => <Link to="/settings" {...root} />}>
        {t('openNetwork')}
      </Anchor>
    </Text>
  );
}

function MainFields({ form, isNew }: { form: UseFormReturnType<UpstreamForm>; isNew: boolean }): ReactNode {
  const { t } = useTranslation('models');
  const { vendor, format } = form.values;
  const choose = (chosen: string | null): void => {
    const preset = PRESETS.find(({ id }) => id === chosen);
    if (!preset) return;
    if (isNew) form.setValues({ ...emptyUpstream(preset.id) });
    else form.setValues({ vendor: preset.id, format: FORMATS_OF[preset.id].includes(format) ? format : preset.format });
    form.clearErrors();
  };
  return (
    <>
      <Select
        label={t('vendor')}
        description={t('vendorHint')}
        allowDeselect={false}
        data={PRESETS.map(({ id }) => ({ value: id, label: t(`vendors.${id}`) }))}
        value={vendor}
        onChange={choose}
        {...(isNew ? { 'data-autofocus': true } : {})}
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          label={t('upstreamName')}
          description={t('upstreamNameHint')}
          disabled={!isNew}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          {...form.getInputProps('name')}
        />
        <Select
          label={t('format')}
          description={t('formatHint')}
          allowDeselect={false}
          data={FORMATS_OF[vendor].map((name) => ({ value: name, label: t(`formats.${name}`) }))}
          {...form.getInputProps('format')}
        />
      </SimpleGrid>
      <TextInput
        label={t('baseUrl')}
        description={t(vendor === 'bedrock' ? 'baseUrlBedrock' : 'baseUrlHint')}
        placeholder={PRESETS.find(({ id }) => id === vendor)?.example ?? ''}
        type="url"
        autoComplete="off"
        spellCheck={false}
        {...form.getInputProps('baseUrl')}
      />
    </>
  );
}
