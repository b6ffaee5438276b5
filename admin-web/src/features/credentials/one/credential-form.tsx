import { Accordion, Group, Radio, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '../../../components/error-state.tsx';
import { FormActions } from '../../../components/form-actions.tsx';
import type { Upstream } from '../../../lib/api/upstreams.ts';
import { useCreateCredential } from './api/create-credential.ts';
import type { AddedCredential } from './added.tsx';
import { VendorNote } from './choose-upstream.tsx';
import { emptyCredential, faultyFields, inputOf, type NewCredential } from './new-credential.ts';
import { OAuthClientForm } from './oauth-client-form.tsx';
import { SecretFields } from './secret-fields.tsx';
import { LimitFields, SettingsFields } from './settings-fields.tsx';
import { SignInFlow } from './sign-in-flow.tsx';
import { changeBetween, NEW_SETTINGS } from './settings-values.ts';
import { useFaultTexts } from './use-fault-texts.ts';
import { VENDORS, type Way } from './vendors.ts';

interface FormProps {
  upstream: Upstream;
  wish: Way | null;
  onAdded: (added: AddedCredential) => void;
  onCancel: () => void;
}

/** What is presented to this upstream, and how much of it may be used. */
export function CredentialForm({ upstream, wish, onAdded, onCancel }: FormProps): ReactNode {
  const { t } = useTranslation('credential');
  const faultTexts = useFaultTexts();
  const { ways } = VENDORS[upstream.vendor];
  const form = useForm<NewCredential>({
    initialValues: emptyCredential(ways.find((way) => way === wish) ?? ways[0]),
    validate: (values) => faultTexts(faultyFields(values)),
  });
  const { way } = form.values;
  const missing = lacksClient(upstream, way);
  return (
    <Stack gap="md">
      <Radio.Group
        label={t('ways.label')}
        value={way}
        onChange={(value) => form.setFieldValue('way', ways.find((known) => known === value) ?? ways[0])}
      >
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs" mt={6}>
          {ways.map((one) => (
            <WayCard key={one} way={one} />
          ))}
        </SimpleGrid>
      </Radio.Group>
      {missing ? (
        <OAuthClientForm upstream={upstream} toSignIn={way === 'sign_in'} />
      ) : way === 'sign_in' ? (
        <NewSignIn upstream={upstream} form={form} onAdded={onAdded} onCancel={onCancel} />
      ) : (
        <GivenSecret upstream={upstream} form={form} onAdded={onAdded} onCancel={onCancel} />
      )}
    </Stack>
  );
}

function lacksClient({ oauth }: Upstream, way: Way): boolean {
  if (way === 'sign_in') return !oauth?.authorizeUrl;
  return way === 'refresh_token' && oauth === null;
}

function WayCard({ way }: { way: Way }): ReactNode {
  const { t } = useTranslation('credential');
  return (
    <Radio.Card value={way} p="sm" radius="md" aria-label={t(`ways.${way}.label`)} style={TOP}>
      <Group wrap="nowrap" align="flex-start" gap="sm">
        <Radio.Indicator mt={2} />
        <Stack gap={2}>
          <Text fz="sm" fw={600}>
            {t(`ways.${way}.label`)}
          </Text>
          <Text fz="xs" c="dimmed">
            {t(`ways.${way}.hint`)}
          </Text>
        </Stack>
      </Group>
    </Radio.Card>
  );
}

/** A button centres what is in it, and cards of a row are as high as the highest. */
const TOP = { display: 'flex', alignItems: 'flex-start' } as const;

type Form = UseFormReturnType<NewCredential>;
type PartProps = Pick<FormProps, 'upstream' | 'onAdded' | 'onCancel'> & { form: Form };

/** All ways but signing in: what is given is sealed at once. */
function GivenSecret({ upstream, form, onAdded, onCancel }: PartProps): ReactNode {
  const { t } = useTranslation('credential');
  const create = useCreateCredential();
  const save = form.onSubmit((values) =>
    create.mutate(inputOf(upstream.name, values), {
      onSuccess: ({ data, warnings }) => onAdded({ credential: data, warnings, way: values.way }),
    }),
  );
  return (
    <form onSubmit={save} noValidate>
      <Stack gap="md">
        {create.error ? <ErrorState error={create.error} /> : null}
        <NameField form={form} />
        <SecretFields way={form.values.way} form={form} />
        <Further form={form} />
        <VendorNote upstream={upstream} />
        <FormActions submitLabel={t('add.submit')} pending={create.isPending} onCancel={onCancel} />
      </Stack>
    </form>
  );
}

/** The tokens come from the authorization server; nobody here ever sees them. */
function NewSignIn({ upstream, form, onAdded }: PartProps): ReactNode {
  const [asked, setAsked] = useState(false);
  const { t } = useTranslation('credential');
  const { name, proxyUrl, clientId, tag } = { ...form.values, ...changeBetween(NEW_SETTINGS, form.values) };
  return (
    <Stack gap="md">
      {asked ? null : (
        <>
          <NameField form={form} optional />
          <TextInput label={t('fields.tag')} maxLength={200} {...form.getInputProps('tag')} />
          <TextInput
            label={t('fields.proxyUrl')}
            description={t('fields.proxyHintSignIn')}
            placeholder="http://proxy.example.com:8080"
            {...form.getInputProps('proxyUrl')}
          />
          <VendorNote upstream={upstream} />
        </>
      )}
      <SignInFlow
        upstream={upstream}
        ready={() => !form.validate().hasErrors}
        input={{
          upstream: upstream.name,
          ...(name.trim() === '' ? {} : { name: name.trim() }),
          ...(tag ? { tag } : {}),
          ...(clientId ? { clientId } : {}),
          ...(proxyUrl ? { proxyUrl } : {}),
        }}
        onBegun={setAsked}
        onDone={(credential) => onAdded({ credential, warnings: [], way: 'sign_in' })}
      />
    </Stack>
  );
}

function NameField({ form, optional = false }: { form: Form; optional?: boolean }): ReactNode {
  const { t } = useTranslation('credential');
  return (
    <TextInput
      label={t(optional ? 'fields.nameOptional' : 'fields.name')}
      description={t(optional ? 'fields.nameOfAccount' : 'fields.nameHint')}
      placeholder="team-a"
      autoComplete="off"
      maxLength={100}
      {...form.getInputProps('name')}
    />
  );
}

function Further({ form }: { form: Form }): ReactNode {
  const { t } = useTranslation('credential');
  return (
    <Accordion variant="separated" multiple>
      <Accordion.Item value="settings">
        <Accordion.Control fz="sm">{t('settings.how')}</Accordion.Control>
        <Accordion.Panel>
          <SettingsFields form={form} isOAuth={form.values.way === 'refresh_token'} />
        </Accordion.Panel>
      </Accordion.Item>
      <Accordion.Item value="limits">
        <Accordion.Control fz="sm">{t('settings.limits')}</Accordion.Control>
        <Accordion.Panel>
          <LimitFields form={form} />
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}
