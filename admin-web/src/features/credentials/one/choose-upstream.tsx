import { Alert, Anchor, Button, Card, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { upstreamEntry } from '@sluice/contract/upstreams';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '../../../components/error-state.tsx';
import type { Upstream } from '../../../lib/api/upstreams.ts';
import { usePutUpstream } from './api/put-upstream.ts';
import { VENDORS, VENDOR_NAMES, freeUpstreamName, type Format, type Vendor } from './vendors.ts';

const NEW = 'new:';

interface ChooseProps {
  upstreams: readonly Upstream[];
  chosen: Upstream | null;
  onChoose: (name: string) => void;
}

/** Where the credential is for: an upstream that is there, or one of a vendor that is made now. */
export function ChooseUpstream({ upstreams, chosen, onChoose }: ChooseProps): ReactNode {
  const { t } = useTranslation('credential');
  const [making, setMaking] = useState<Vendor | null>(null);
  const choose = (value: string | null): void => {
    const vendor = VENDOR_NAMES.find((name) => value === `${NEW}${name}`);
    setMaking(vendor ?? null);
    onChoose(vendor === undefined ? (value ?? '') : '');
  };
  const existing = upstreams.map(({ name, vendor }) => ({ value: name, label: `${name} · ${VENDORS[vendor].title}` }));
  const fresh = VENDOR_NAMES.map((name) => ({
    value: `${NEW}${name}`,
    label: name === 'openai-compatible' ? t('upstream.compatible') : VENDORS[name].title,
  }));
  return (
    <Stack gap="sm">
      <Select
        label={t('upstream.label')}
        description={t('upstream.hint')}
        placeholder={t('upstream.choose')}
        data={[
          ...(existing.length === 0 ? [] : [{ group: t('upstream.existing'), items: existing }]),
          { group: t('upstream.new'), items: fresh },
        ]}
        value={making === null ? (chosen?.name ?? null) : `${NEW}${making}`}
        onChange={choose}
        searchable
        nothingFoundMessage={t('upstream.none')}
        maxDropdownHeight={320}
        data-autofocus
      />
      {making === null ? null : (
        <NewUpstream
          key={making}
          vendor={making}
          taken={upstreams.map(({ name }) => name)}
          onMade={(name) => {
            setMaking(null);
            onChoose(name);
          }}
        />
      )}
      {chosen === null && making === null ? (
        <Text fz="sm" c="dimmed">
          {t('upstream.manage')}{' '}
          <Anchor
            underline="always"
            renderRoot={(props) => <Link to="/models" search={{ tab: 'upstreams' }} {...props} />}
            fz="sm"
          >
            {t('upstream.manageLink')}
          </Anchor>
        </Text>
      ) : null}
    </Stack>
  );
}

function NewUpstream(props: { vendor: Vendor; taken: readonly string[]; onMade: (name: string) => void }): ReactNode {
  const { t } = useTranslation('credential');
  const { vendor, taken, onMade } = props;
  const { formats, baseUrl } = VENDORS[vendor];
  const put = usePutUpstream();
  const form = useForm({
    initialValues: {
      name: vendor === 'openai-compatible' ? '' : freeUpstreamName(vendor, taken),
      baseUrl: baseUrl ?? '',
      format: formats[0] as Format,
    },
    validate: (values) => {
      const entry = { vendor, ...values, name: values.name.trim(), baseUrl: values.baseUrl.trim() };
      const parsed = upstreamEntry.safeParse(entry);
      const faulty = new Set(parsed.success ? [] : parsed.error.issues.map(({ path }) => String(path[0])));
      return {
        ...(faulty.has('name') ? { name: t('upstream.nameInvalid') } : {}),
        ...(taken.includes(entry.name) ? { name: t('upstream.nameTaken') } : {}),
        ...(faulty.has('baseUrl') || !isAddress(entry.baseUrl) ? { baseUrl: t('upstream.addressInvalid') } : {}),
      };
    },
  });
  const make = form.onSubmit(({ name, baseUrl: address, format }) =>
    put.mutate(
      { name: name.trim(), fields: { vendor, format, baseUrl: address.trim() } },
      { onSuccess: ({ data }) => onMade(data.name) },
    ),
  );
  return (
    <Card withBorder padding="md">
      <form onSubmit={make} noValidate aria-label={t('upstream.make')}>
        <Stack gap="sm">
          {put.error ? <ErrorState error={put.error} /> : null}
          <Text fz="sm" c="dimmed">
            {t('upstream.makeHint')}
          </Text>
          <TextInput
            label={t('upstream.name')}
            placeholder="my-server"
            autoComplete="off"
            autoCapitalize="none"
            {...form.getInputProps('name')}
          />
          <TextInput
            label={t('upstream.address')}
            description={t('upstream.addressHint')}
            placeholder="https://llm.example.com/v1"
            type="url"
            {...form.getInputProps('baseUrl')}
          />
          {formats.length > 1 ? (
            <Select
              label={t('upstream.format')}
              description={t('upstream.formatHint')}
              allowDeselect={false}
              data={formats.map((format) => ({ value: format, label: t(`formats.${format}`) }))}
              {...form.getInputProps('format')}
            />
          ) : null}
          <Group justify="flex-end">
            <Button type="submit" variant="default" loading={put.isPending}>
              {t('upstream.make')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}

/** What a placeholder in angle brackets is not. */
function isAddress(text: string): boolean {
  return /^https?:\/\/[^<>]+$/.test(text) && URL.canParse(text);
}

/** What to mind about a vendor's credentials: whose they may be, and where they are made. */
export function VendorNote({ upstream }: { upstream: Upstream }): ReactNode {
  const { t } = useTranslation('credential');
  const { title, keysPage, terms } = VENDORS[upstream.vendor];
  return (
    <Alert color="blue" variant="light">
      <Stack gap={4}>
        <Text fz="sm">{t('note.use')}</Text>
        <Group gap="md">
          {keysPage ? (
            <Anchor href={keysPage} target="_blank" rel="noreferrer" fz="sm">
              {t('note.keys', { vendor: title })}
            </Anchor>
          ) : null}
          {terms ? (
            <Anchor href={terms} target="_blank" rel="noreferrer" fz="sm">
              {t('note.terms', { vendor: title })}
            </Anchor>
          ) : null}
        </Group>
      </Stack>
    </Alert>
  );
}
