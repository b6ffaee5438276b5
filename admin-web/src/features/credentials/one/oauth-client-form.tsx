import { Alert, Anchor, Button, Group, PasswordInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '../../../components/error-state.tsx';
import { QueryView } from '../../../components/query-view.tsx';
import type { Upstream } from '../../../lib/api/upstreams.ts';
import { usePutUpstream } from './api/put-upstream.ts';
import { oauthPresetsQuery, type OAuthPreset } from './api/sign-in.ts';
import { clientOf, faultyClient, upstreamWith, withPreset, type OAuthClientValues } from './oauth-client-values.ts';
import { useFaultTexts } from './use-fault-texts.ts';
import { VENDORS } from './vendors.ts';

interface ClientProps {
  upstream: Upstream;
  /** An address to sign in at is wanted; refreshing alone takes none. */
  toSignIn: boolean;
}

/** Tells an upstream by which client of the operators' own people sign in and tokens are refreshed. */
export function OAuthClientForm({ upstream, toSignIn }: ClientProps): ReactNode {
  const presets = useQuery(oauthPresetsQuery);
  return (
    <QueryView query={presets} skeleton={[120, 44, 44]}>
      {(known) => <ClientForm upstream={upstream} toSignIn={toSignIn} presets={known} />}
    </QueryView>
  );
}

function ClientForm({ upstream, toSignIn, presets }: ClientProps & { presets: readonly OAuthPreset[] }): ReactNode {
  const { t } = useTranslation('credential');
  const faultTexts = useFaultTexts();
  const put = usePutUpstream();
  const first = presets.find(({ name }) => upstream.oauth === null && name === VENDORS[upstream.vendor].preset) ?? null;
  const [preset, setPreset] = useState(first);
  const stored = clientOf(upstream);
  const form = useForm<OAuthClientValues>({
    initialValues: first === null ? stored : withPreset(stored, first),
    validate: (values) => faultTexts(faultyClient(upstream, values, { toSignIn })),
  });
  const choose = (name: string | null): void => {
    const chosen = presets.find((one) => one.name === name) ?? null;
    setPreset(chosen);
    if (chosen !== null) form.setValues(withPreset(form.values, chosen));
  };
  const save = form.onSubmit((values) => put.mutate({ name: upstream.name, fields: upstreamWith(upstream, values) }));
  return (
    <form onSubmit={save} noValidate aria-label={t('client.title')}>
      <Stack gap="md">
        <Alert color="yellow" variant="light" title={t('client.title')}>
          <Text fz="sm">{t(toSignIn ? 'client.signInHint' : 'client.refreshHint', { upstream: upstream.name })}</Text>
        </Alert>
        {put.error ? <ErrorState error={put.error} /> : null}
        <Select
          label={t('client.preset')}
          data={[
            ...presets.map(({ name, title }) => ({ value: name, label: title })),
            { value: 'own', label: t('client.own') },
          ]}
          value={preset?.name ?? 'own'}
          onChange={choose}
          allowDeselect={false}
        />
        {preset === null ? null : (
          <Text fz="sm" c="dimmed">
            {preset.note}{' '}
            <Anchor href={preset.documentation} target="_blank" rel="noreferrer" fz="sm">
              {t('client.documentation')}
            </Anchor>
          </Text>
        )}
        <ClientFields form={form} keepsSecret={upstream.oauth?.hasClientSecret === true} />
        <Group justify="flex-end">
          <Button type="submit" loading={put.isPending}>
            {t('client.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function ClientFields(props: { form: UseFormReturnType<OAuthClientValues>; keepsSecret: boolean }): ReactNode {
  const { t } = useTranslation('credential');
  const { form, keepsSecret } = props;
  return (
    <>
      <TextInput
        label={t('client.authorizeUrl')}
        placeholder="https://auth.example.com/authorize"
        type="url"
        {...form.getInputProps('authorizeUrl')}
      />
      <TextInput
        label={t('client.tokenUrl')}
        placeholder="https://auth.example.com/token"
        type="url"
        {...form.getInputProps('tokenUrl')}
      />
      <TextInput label={t('client.clientId')} autoComplete="off" {...form.getInputProps('clientId')} />
      <PasswordInput
        label={t('client.clientSecret')}
        description={t(keepsSecret ? 'client.secretKept' : 'client.secretHint')}
        autoComplete="off"
        visibilityToggleButtonProps={{ 'aria-label': t('fields.showSecret') }}
        {...form.getInputProps('clientSecret')}
      />
      <TextInput
        label={t('client.scope')}
        description={t('client.scopeHint')}
        placeholder="openid email offline_access"
        {...form.getInputProps('scope')}
      />
      <TextInput
        label={t('client.redirectUri')}
        description={t('client.redirectHint')}
        placeholder="http://localhost/oauth/callback"
        type="url"
        {...form.getInputProps('redirectUri')}
      />
    </>
  );
}
